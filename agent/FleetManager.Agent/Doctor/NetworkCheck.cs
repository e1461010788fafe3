using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace FleetManager.Agent.Doctor;

/// <summary>The way to one port of one host, step by step: name, connection, encryption.</summary>
/// <param name="name">What is at the other end, in words: <c>server</c>, <c>broker</c>.</param>
/// <param name="host">Its name or address.</param>
/// <param name="port">Its TCP port.</param>
/// <param name="tls">Whether it speaks TLS.</param>
/// <param name="time">Clock for timeouts and certificates.</param>
internal sealed class NetworkCheck(string name, string host, int port, bool tls, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);

    /// <summary>One finding a step; the last is <see cref="Verdict.Failed"/> when the way ends there.</summary>
    public async IAsyncEnumerable<Finding> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (dns, addresses) = await ResolveAsync(cancellationToken);
        yield return dns;
        if (addresses.Length == 0)
        {
            yield break;
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var tcp = await ConnectAsync(socket, addresses, cancellationToken);
        yield return tcp;
        if (tcp.Verdict == Verdict.Ok)
        {
            yield return tls ? await EncryptAsync(socket, cancellationToken)
                : addresses.All(IPAddress.IsLoopback) ? Finding.Ok($"{name} TLS", "not used, and not needed on this host")
                : Finding.Warning($"{name} TLS", "not used: the device's key and its events can be read on the way", "give the server a certificate and enroll with its https address");
        }
    }

    private async Task<(Finding, IPAddress[])> ResolveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(s_patience, time, cancellationToken);
            return (Finding.Ok($"{name} DNS", $"{host} is {string.Join(", ", addresses.Select(a => a.ToString()))}"), addresses);
        }
        catch (Exception e) when (e is SocketException or TimeoutException or ArgumentException)
        {
            return (Finding.Failed($"{name} DNS", $"{host} has no address ({e.Message})", "check the name, and the DNS server of this device (/etc/resolv.conf)"), []);
        }
    }

    private async Task<Finding> ConnectAsync(Socket socket, IPAddress[] addresses, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(addresses, port, either.Token);
            return Finding.Ok($"{name} TCP", $"{host}:{port} answers in {time.GetElapsedTime(started).TotalMilliseconds:0} ms");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var reason = e is SocketException ? e.Message : $"no answer within {s_patience.TotalSeconds:0} s";
            return Finding.Failed($"{name} TCP", $"{host}:{port} can not be reached ({reason})", $"see that the {name} runs and that no firewall between here and there closes port {port}");
        }
    }

    private async Task<Finding> EncryptAsync(Socket socket, CancellationToken cancellationToken)
    {
        var faults = SslPolicyErrors.None;
        DateTime? expires = null;
        await using var stream = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            {
                (faults, expires) = (errors, (certificate as X509Certificate2)?.NotAfter.ToUniversalTime());
                return errors == SslPolicyErrors.None;
            },
        };
        try
        {
            await stream.AuthenticateAsClientAsync(options, cancellationToken).WaitAsync(s_patience, time, cancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or TimeoutException)
        {
            return Finding.Failed($"{name} TLS", $"{host}:{port} can not be trusted ({(faults == SslPolicyErrors.None ? e.GetBaseException().Message : faults.ToString())})", faults switch
            {
                _ when faults.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => "use the name that the certificate is for",
                _ when faults.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) => "install the certificate of its authority on this device (update-ca-certificates), and check this device's clock",
                _ => $"see that port {port} speaks TLS, and that nothing in between intercepts it",
            });
        }

        return expires is { } until && until - time.GetUtcNow().UtcDateTime < s_soon
            ? Finding.Warning($"{name} TLS", $"the certificate ends at {until:u}", $"renew the certificate of the {name}")
            : Finding.Ok($"{name} TLS", $"{stream.SslProtocol}, the certificate is good until {expires:u}");
    }
}
