using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FleetManager.Benchmarks.Load;

/// <summary>One kept-alive connection that sends ready-made requests, so that the load costs less than what it loads. One request at a time.</summary>
internal sealed class HttpCaller : IDisposable
{
    private static readonly byte[] s_headEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] s_lengthField = "\r\nContent-Length: "u8.ToArray();
    private static readonly byte[] s_lastChunk = "\r\n0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _answer = new byte[64 * 1024];
    private int _length;

    /// <summary>The whole last answer, for a message about it.</summary>
    public string Text => Encoding.UTF8.GetString(_answer, 0, _length);

    public static async Task<HttpCaller> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var caller = new HttpCaller();
        await caller._socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return caller;
    }

    /// <summary>Sends the request and reads the whole answer; another status is a fault that shows it.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> request, int expectedStatus, CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < request.Length;)
        {
            sent += await _socket.SendAsync(request[sent..], cancellationToken);
        }

        _length = 0;
        do
        {
            if (_length == _answer.Length)
            {
                Array.Resize(ref _answer, _answer.Length * 2);
            }

            var read = await _socket.ReceiveAsync(_answer.AsMemory(_length), cancellationToken);
            _length += read > 0 ? read : throw new IOException($"The server closed the connection. {Text}");
        }
        while (!IsWhole(_answer.AsSpan(0, _length)));

        // "HTTP/1.1 201 Created"
        if (int.Parse(_answer.AsSpan(9, 3), CultureInfo.InvariantCulture) != expectedStatus)
        {
            throw new InvalidOperationException($"Status {expectedStatus} was expected, but the answer is:{Environment.NewLine}{Text}");
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf(s_headEnd);
        if (head < 0)
        {
            return false;
        }

        var field = answer[..head].IndexOf(s_lengthField);
        if (field < 0)
        {
            // Chunked; JSON has no line break, so that this can only be its end.
            return answer.EndsWith(s_lastChunk);
        }

        var digits = answer[(field + s_lengthField.Length)..];
        return answer.Length >= head + s_headEnd.Length + int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }
}
