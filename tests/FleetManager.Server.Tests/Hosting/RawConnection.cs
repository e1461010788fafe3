using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>A TCP connection to the server, byte for byte: for what no HTTP client would send, or only in its own way.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly TcpClient _client = new();
    private readonly MemoryStream _received = new();

    private RawConnection()
    {
    }

    public static async Task<RawConnection> OpenAsync(FleetApplication fleet)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync("127.0.0.1", fleet.Address.Port, TestContext.Current.CancellationToken);
        return connection;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>A server that has answered may have closed: what it does not want any more is no fault.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
        }
    }

    /// <summary>The next answer, with its body whole.</summary>
    public async Task<RawAnswer> ReadAsync()
    {
        var answer = await TryReadAsync();
        Assert.True(answer is not null, "The server closed without an answer.");
        return answer;
    }

    /// <summary>Null when the server closes without one.</summary>
    public async Task<RawAnswer?> TryReadAsync()
    {
        int end;
        while ((end = Text.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await ReceiveAsync())
            {
                return null;
            }
        }

        var head = Text[..end];
        var body = end + 4;
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (!Text.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                Assert.True(await ReceiveAsync(), "The answer ends too early.");
            }

            return new RawAnswer(head, Unchunk(Text[body..]));
        }

        var length = head.Split("\r\n").FirstOrDefault(h => h.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) is { } header
            ? int.Parse(header.Split(':')[1], CultureInfo.InvariantCulture)
            : 0;
        while (_received.Length < body + length)
        {
            Assert.True(await ReceiveAsync(), "The answer ends too early.");
        }

        return new RawAnswer(head, Encoding.UTF8.GetString(_received.ToArray().AsSpan(body, length)));
    }

    /// <summary>Returns when the server has closed the connection, whatever it says before.</summary>
    public async Task UntilClosedAsync()
    {
        while (await ReceiveAsync())
        {
        }
    }

    public void Dispose() => _client.Dispose();

    private string Text => Encoding.Latin1.GetString(_received.GetBuffer(), 0, (int)_received.Length);

    private async Task<bool> ReceiveAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        var buffer = new byte[16 * 1024];
        try
        {
            var read = await _client.GetStream().ReadAsync(buffer, patience.Token);
            _received.Write(buffer, 0, read);
            return read > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Unchunk(string chunks)
    {
        var bytes = new List<byte>();
        while (true)
        {
            var line = chunks.IndexOf("\r\n", StringComparison.Ordinal);
            var size = int.Parse(chunks[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                return Encoding.UTF8.GetString([.. bytes]);
            }

            bytes.AddRange(Encoding.Latin1.GetBytes(chunks.Substring(line + 2, size)));
            chunks = chunks[(line + 4 + size)..];
        }
    }
}

/// <param name="Head">Status line and headers.</param>
/// <param name="Body">Text of the body.</param>
internal sealed record RawAnswer(string Head, string Body)
{
    public int Status => int.Parse(Head.Split(' ')[1], CultureInfo.InvariantCulture);
}
