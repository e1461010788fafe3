using Bunit;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Sync;
using FleetManager.Server.Components;
using FleetManager.Server.Features.Devices.Pages;
using FleetManager.Server.Features.Receipts;
using Microsoft.Extensions.DependencyInjection;

namespace FleetManager.Server.Tests.Pages;

public sealed class BackupProgressTests : BunitContext
{
    private static readonly SyncReport s_report = new()
    {
        Epoch = Guid.NewGuid(),
        Phase = SyncPhase.Uploading,
        LastSeq = 48_211,
        PendingRecords = 11,
        PendingBytes = 3 << 20,
        BackedUpRecords = 48_197,
        EtaSeconds = 90,
        InPerSecond = 2.5,
        OutPerSecond = 14,
    };

    public BackupProgressTests()
    {
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<Browser>();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Report_None_SaidAsUnknown()
    {
        var card = RenderCard(null);

        Assert.Contains("Not known yet", card.Markup, StringComparison.Ordinal);
        Assert.Empty(card.FindAll("[role=progressbar]"));
    }

    [Fact]
    public void Bar_NearlyDone_NotRoundedToFull()
    {
        var bar = RenderCard(s_report).Find("[role=progressbar]");

        Assert.Equal("99", bar.GetAttribute("aria-valuenow"));
        Assert.Equal("48\u202f197 of 48\u202f208 events backed up", bar.GetAttribute("aria-valuetext"));
    }

    [Fact]
    public void Report_Stale_NotShownAsThePresent()
    {
        var card = RenderCard(s_report, stale: true);

        Assert.Contains("These figures are old", card.Find(".f-warning").TextContent, StringComparison.Ordinal);
        Assert.Empty(card.FindAll(".f-chip.f-busy"));
    }

    [Fact]
    public void Report_Parked_ReasonsShownAndNotCalledComplete()
    {
        var report = s_report with { Phase = SyncPhase.Idle, PendingRecords = 0, ParkedRecords = 3, ParkedReasons = [new ParkedReason("use_case_unknown", "There is no use case 'x'", 3)] };

        var card = RenderCard(report);

        Assert.Contains("3 events are parked", card.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Everything is backed up", card.Markup, StringComparison.Ordinal);
        Assert.Contains("There is no use case 'x'", card.Find(".f-reasons").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SyncPhase.Disabled, "is off")]
    [InlineData(SyncPhase.Offline, "can not reach")]
    [InlineData(SyncPhase.CapacityBlocked, "new ones are refused")]
    [InlineData(SyncPhase.Unauthorized, "refuses the device's key")]
    public void Phase_Each_SaidInASentence(SyncPhase phase, string words) =>
        Assert.Contains(words, RenderCard(s_report with { Phase = phase }).Markup, StringComparison.Ordinal);

    [Fact]
    public void Proof_AllAccountedFor_NothingUnknown()
    {
        var proof = new StoreProof(s_report.Epoch, default, [new SeqRange(1, 48_197)], [new DeclaredLoss(48_198, 48_200, "store_full", default)]);

        Assert.Equal(
            ["1–48\u202f197 held · 3 declared lost · 11 still on the device · 0 unknown"],
            ProofWords.Of([proof], s_report));
    }

    [Fact]
    public void Proof_Gap_CountedAsUnknown()
    {
        var proof = new StoreProof(s_report.Epoch, default, [new SeqRange(1, 10), new SeqRange(15, 20)], []);
        var report = s_report with { LastSeq = 20, PendingRecords = 0 };

        Assert.Equal(["16 in 2 runs held · 0 declared lost · 4 unknown"], ProofWords.Of([proof], report));
    }

    private IRenderedComponent<BackupProgress> RenderCard(SyncReport? report, bool stale = false) => Render<BackupProgress>(p => p
        .Add(c => c.Report, report)
        .Add(c => c.ReportedAt, report is null ? null : TimeProvider.System.GetUtcNow())
        .Add(c => c.Stale, stale));
}
