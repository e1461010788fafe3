extern alias agent;

using agent::FleetManager.Agent.Control;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;
using FleetManager.Benchmarks.Results;
using FleetManager.Benchmarks.Variants;

namespace FleetManager.Benchmarks.Suites;

/// <summary>
/// The agent's drain of what waited on the device, into a sink and into the real server. Fluent Bit can not be had on this machine: its rate and
/// its CPU time are those that were published beside a prototype's (limits.md 7), scaled by what the same prototype does in this run.
/// </summary>
internal static class DrainSuite
{
    private const int Concurrency = 4;
    private const int LargestConcurrency = 8;

    // Events a second and CPU µs an event, of Fluent Bit and of the prototype beside it.
    private const double FluentBitRate = 98_050, PrototypeRate = 164_300, FluentBitMicros = 9.5, PrototypeMicros = 7.0;

    public static async Task RunAsync(Stage stage, Plan plan, Report report, CancellationToken cancellationToken)
    {
        var events = plan.IsJudged ? 500_000 : 5_000;
        var program = await NativeAgent.PublishAsync(Path.Combine(stage.Folder, "agent"), plan.IsJudged, cancellationToken);
        var site = await stage.StartSiteAsync("drain", cancellationToken, $"--Fleet:Broker:Port={FreePort.Next()}");
        var backlog = new DrainBacklog(Path.Combine(stage.Folder, "backlog"));
        await backlog.FillAsync(events, cancellationToken);
        await site.Load.RunAsync(16, plan.WarmUp, cancellationToken: cancellationToken);

        var (prototype, ours) = (new Series("bare prototype: read 100, post, 4 in flight"), new Series($"agent, {Concurrency} in flight, to a sink"));
        var (ingest, drain) = (new Series("server, 16 callers"), new Series($"agent, {LargestConcurrency} in flight, into the server"));
        for (var round = 0; round < plan.Rounds; round++)
        {
            prototype.Add(await PrototypeAsync(round));
            ours.Add(await SinkAsync(round));
            await site.Table.EmptyAsync(cancellationToken);
            ingest.Add(await site.Load.RunAsync(16, plan.Window, cancellationToken: cancellationToken));
            drain.Add(await DrainAsync(round));
        }

        var fluentBit = prototype.Rate * FluentBitRate / PrototypeRate;
        var fluentBitMicros = prototype.ServerMicros * FluentBitMicros / PrototypeMicros;
        FormattableString rate = $"Fluent Bit, scaled: {fluentBit:n0}/s ({prototype.Name}: {prototype.RateText})";
        FormattableString micros = $"Fluent Bit, scaled: {fluentBitMicros:0.0} µs";
        report.Add("8", ours.Name, FormattableString.Invariant(rate), ours.RateText, ours.Rate / fluentBit, Bound.Least(1), Bound.Least(1.5));
        report.Add("8b", $"{ours.Name}, CPU of the agent", FormattableString.Invariant(micros), ours.RateText, ours.ServerMicros / fluentBitMicros, Bound.Most(1.5), Bound.Most(0.8));
        report.Add("8c", drain.Name, $"{ingest.Name}: {ingest.RateText}", drain.RateText, drain.Rate / ingest.Rate, Bound.Least(0.85), Bound.Least(0.95));

        async Task<Sample> PrototypeAsync(int round)
        {
            await using var sink = await Sink.StartAsync(events, cancellationToken);
            var table = Path.Combine(stage.Folder, $"prototype{round}.db");
            File.Copy(backlog.Table, table);
            string[] command = [Environment.ProcessPath!, "variant", DrainPrototype.Name, table, sink.Address.AbsoluteUri];
            var sample = await MeasureAsync(sink, () => GuardedProcess.StartAsync("TERM", table + ".log", command, cancellationToken));
            File.Delete(table);
            return sample;
        }

        async Task<Sample> SinkAsync(int round)
        {
            await using var sink = await Sink.StartAsync(events, cancellationToken);
            var directory = Path.Combine(stage.Folder, $"sink{round}");
            backlog.CopyTo(directory, DrainBacklog.EnrolledAt(sink.Address), Concurrency);
            var sample = await MeasureAsync(sink, () => StartAsync(directory));
            Directory.Delete(directory, recursive: true);
            return sample;
        }

        async Task<Sample> MeasureAsync(Sink sink, Func<Task<GuardedProcess>> startAsync)
        {
            var load = Environment.CpuUsage.TotalTime;
            await using var process = await startAsync();
            var ended = process.UntilAsync(() => Task.FromResult(sink.Done.IsCompleted), cancellationToken);
            await Task.WhenAny(sink.Done, ended).Unwrap();
            await sink.Done.WaitAsync(cancellationToken);
            var cpu = CpuTime.OfProcess(process.Id);
            return new Sample(events / sink.Took.TotalSeconds, (Environment.CpuUsage.TotalTime - load).TotalMicroseconds / events, cpu.TotalMicroseconds / events, 0, 0, 0);
        }

        Task<GuardedProcess> StartAsync(string directory) =>
            GuardedProcess.StartAsync("TERM", Path.Combine(directory, "log"), [program, "run", "--data-dir", directory], cancellationToken);

        async Task<Identity> EnrollAsync(int round)
        {
            var directory = Path.Combine(stage.Folder, $"enrolled{round}");
            var token = await site.Server.EnrollmentTokenAsync(cancellationToken);
            await Shell.RunAsync(program, ["enroll", "--server", site.Server.Address.ToString(), "--token", token, "--data-dir", directory], cancellationToken);
            return Identity.Load(Path.Combine(directory, Identity.FileName))!;
        }

        // The server holds the events of the round before under the same epoch and ids: it must have forgotten all of it.
        async Task<Sample> DrainAsync(int round)
        {
            await site.Table.EmptyAsync(cancellationToken);
            await site.Database.ExecuteAsync("TRUNCATE device_stores CASCADE", cancellationToken);
            var directory = Path.Combine(stage.Folder, $"server{round}");
            // Emptying forgets the devices as well.
            backlog.CopyTo(directory, await EnrollAsync(round), LargestConcurrency);
            await using var process = await StartAsync(directory);
            await process.UntilAsync(async () => await CountAsync() > 0, cancellationToken);
            var (from, started) = (await CountAsync(), TimeProvider.System.GetTimestamp());
            var (server, database) = (site.Server.Cpu, site.Postgres.Cpu);
            await process.UntilAsync(async () => await CountAsync() >= events, cancellationToken);
            var (took, drained) = (TimeProvider.System.GetElapsedTime(started), events - from);
            var sample = new Sample(
                drained / took.TotalSeconds, CpuTime.OfProcess(process.Id).TotalMicroseconds / events,
                (site.Server.Cpu - server).TotalMicroseconds / drained, (site.Postgres.Cpu - database).TotalMicroseconds / drained, 0, 0);
            return sample;
        }

        // From the receipts: counting the events themselves would be a load of its own.
        async Task<long> CountAsync() =>
            await site.Database.ReadOneAsync("SELECT coalesce(sum(through_seq - from_seq + 1), 0)::bigint FROM held_ranges", cancellationToken) is long held ? held : 0;
    }
}
