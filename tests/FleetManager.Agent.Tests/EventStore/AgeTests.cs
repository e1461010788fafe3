using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Tests.EventStore;

/// <summary>Promise G9 on the store's side: without a backup, age deletes; a clock that jumps must not make anything older than it is.</summary>
public sealed class AgeTests : IAsyncLifetime
{
    private readonly StoreFixture _fixture = new() { Backup = new BackupSettings() };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(366)]
    [InlineData(-366)]
    [InlineData(20_453)]
    [InlineData(-20_453)]
    public async Task Clock_LeapsWhileRunning_ExpiresNothing(int days)
    {
        await _fixture.AcceptAsync(3);
        _fixture.Time.Leap = TimeSpan.FromDays(days);
        await _fixture.AcceptAsync(2);

        await _fixture.Store.TrimAsync(Token);

        Assert.Equal((5, 0), (_fixture.Store.Stats().Totals.Records, _fixture.Store.Stats().DeclaredLost));
    }

    [Theory]
    [InlineData(366)]
    [InlineData(-20_453)]
    public async Task Clock_LeapsBetweenTwoStarts_ExpiresNothing(int days)
    {
        await _fixture.AcceptAsync(3);
        await _fixture.ReopenAsync(() => _fixture.Time.Leap = TimeSpan.FromDays(days));
        await _fixture.Store.TrimAsync(Token);
        Assert.Equal(3, _fixture.Store.Stats().Totals.Records);

        // Right again, as after a boot without a clock of its own.
        _fixture.Time.Leap = TimeSpan.Zero;
        await _fixture.Store.TrimAsync(Token);
        Assert.Equal(3, _fixture.Store.Stats().Totals.Records);
    }

    [Fact]
    public async Task Age_AcrossAStart_CountsThePlausibleTimeBetween()
    {
        await _fixture.AcceptAsync(3);
        await _fixture.ReopenAsync(() => _fixture.Time.Advance(TimeSpan.FromDays(8)));
        await _fixture.AcceptAsync(1);

        await _fixture.Store.TrimAsync(Token);

        Assert.Equal((1, 3), (_fixture.Store.Stats().Totals.Records, _fixture.Store.Stats().DeclaredLost));
    }

    [Theory]
    [InlineData(7.0, 10, 0)]
    [InlineData(7.1, 5, 5)]
    [InlineData(8.1, 0, 10)]
    public async Task Age_OfEventsADayApart_IsToldApart(double days, int left, int expired)
    {
        await _fixture.AcceptAsync(5);
        _fixture.Time.Advance(TimeSpan.FromDays(1));
        await _fixture.AcceptAsync(5);
        _fixture.Time.Advance(TimeSpan.FromDays(days - 1));

        await _fixture.Store.TrimAsync(Token);

        Assert.Equal((left, expired), (_fixture.Store.Stats().Totals.Records, _fixture.Store.Stats().DeclaredLost));
    }

    [Fact]
    public async Task Age_AfterAKill_GoesOnFromTheLastHour()
    {
        await _fixture.AcceptAsync(3);
        for (var hour = 0; hour < 30; hour++)
        {
            _fixture.Time.Advance(TimeSpan.FromHours(1));
            await _fixture.Store.TrimAsync(Token);
        }

        // Nothing is written at the end, and the clock is lost: the hours that were noted still count.
        var folder = Path.Combine(_fixture.Folder, "killed");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(_fixture.Folder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        _fixture.Time.Leap = TimeSpan.FromDays(-20_000);
        await using var store = FleetManager.Agent.EventStore.DeviceStore.Open(
            folder, () => new FleetManager.Agent.EventStore.StorePolicy(_fixture.Limits, _fixture.Backup), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, _fixture.Time);
        _fixture.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromHours(28));
        await store.TrimAsync(Token);

        Assert.Equal(0, store.Stats().Totals.Records);
    }
}
