using System.Diagnostics;
using FleetManager.Server.Features.Images.Renditions;
using FleetManager.Server.Setup;
using FleetManager.Server.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Images;

/// <summary>Whatever the decoder's process does, the server gets a picture or a reason, and the process is gone.</summary>
public sealed class RenderProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-render-").FullName;
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("kill -SEGV $$")]
    [InlineData("cat >/dev/null; echo half; kill -KILL $$")]
    [InlineData("exec <&-; exit 9")]
    public async Task Decoder_ThatCrashes_IsAReasonAndTheNextOneWorks(string script)
    {
        using var broken = Run(script);
        using var whole = new RenderProcess(_time);

        var made = await broken.RenderAsync(new MemoryStream(new byte[10_000_000]), "image/jpeg", 256);

        Assert.Equal(new Made(null, "the decoder failed on it"), made);
        Assert.NotNull((await whole.RenderAsync(new MemoryStream(Pictures.Real("image/jpeg")), "image/jpeg", 256)).Picture);
    }

    [Fact]
    public async Task Decoder_ThatHangs_IsEndedAfterItsTime()
    {
        var started = Path.Combine(_folder, "started");
        using var hanging = Run($"echo $$ >{started}.new; mv {started}.new {started}; while :; do sleep 1; done");

        var making = hanging.RenderAsync(new MemoryStream(new byte[10_000_000]), "image/jpeg", 256);
        await Poll.UntilAsync(() => Task.FromResult(File.Exists(started)), there => there);
        _time.Advance(TimeSpan.FromSeconds(21));

        Assert.Contains("longer than 20 s", (await making).Fault, StringComparison.Ordinal);
        var id = int.Parse(await File.ReadAllTextAsync(started, Cancellation), System.Globalization.CultureInfo.InvariantCulture);
        await Poll.UntilAsync(() => Task.FromResult(Process.GetProcesses().Any(p => p.Id == id)), alive => !alive);
    }

    [Fact]
    public async Task Decoder_WithoutAnEnd_IsCutAndNotTakenForAPicture()
    {
        using var endless = Run("cat >/dev/null; head -c 70000000 /dev/zero");

        var made = await endless.RenderAsync(new MemoryStream([1]), "image/jpeg", 256);

        Assert.Equal(new Made(null, "its picture would have more than 64 MiB"), made);
    }

    [Fact]
    public async Task Decoder_ThatCanNotBeStarted_AsksToComeAgain()
    {
        using var missing = new RenderProcess(_time) { Program = Path.Combine(_folder, "nothing") };

        await Assert.ThrowsAsync<BusyException>(() => missing.RenderAsync(new MemoryStream([1]), "image/jpeg", 256));
    }

    [Fact]
    public async Task Decoder_Environment_HoldsNoSecretOfTheServer()
    {
        Environment.SetEnvironmentVariable("FLEET_TEST_SECRET", "told to nobody");
        using var telling = Run("cat >/dev/null; env");

        var made = await telling.RenderAsync(new MemoryStream([1]), "image/jpeg", 256);

        Assert.DoesNotContain("told to nobody", System.Text.Encoding.UTF8.GetString(made.Picture!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_ThatFailsToBeRead_IsNotCalledDamaged()
    {
        using var renderer = new RenderProcess(_time);

        await Assert.ThrowsAsync<IOException>(() => renderer.RenderAsync(new FailingStream(), "image/jpeg", 256));
    }

    [Fact]
    public async Task Image_ThatTheStoreSendsTooSlowly_IsNotCalledHardToDecode()
    {
        using var renderer = new RenderProcess(_time);
        var store = new SilentStream();

        var making = renderer.RenderAsync(store, "image/jpeg", 256);
        await store.Asked.Task.WaitAsync(Cancellation);
        _time.Advance(TimeSpan.FromSeconds(21));

        Assert.Contains("image store", (await Assert.ThrowsAsync<IOException>(() => making)).Message, StringComparison.Ordinal);
    }

    private RenderProcess Run(string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return new RenderProcess(_time) { Program = path };
    }

    private sealed class SilentStream : MemoryStream
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
    }

    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("the store is away");
    }
}
