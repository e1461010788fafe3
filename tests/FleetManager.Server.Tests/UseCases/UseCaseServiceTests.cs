using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Live;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.UseCases;

public sealed class UseCaseServiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Create_Names_IdIsSlugOfFirstNameAndNeverChanges(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var useCases = fleet.Service<UseCaseService>();

        var first = await useCases.CreateAsync(fleet.Workspace.Id, "  Assembly line: QA  ", "ann", Cancellation);
        var renamed = await useCases.RenameAsync(fleet.Workspace.Id, first.UseCase!.Id, "Line 3", "ann", Cancellation);
        var second = await useCases.CreateAsync(fleet.Workspace.Id, "Assembly line QA", "ann", Cancellation);
        var nameless = await useCases.CreateAsync(fleet.Workspace.Id, "検査", "ann", Cancellation);

        Assert.Equal(("assembly-line-qa", "Assembly line: QA"), (first.UseCase.Id, first.UseCase.Name));
        Assert.Equal(("assembly-line-qa", "Line 3"), (renamed.UseCase!.Id, renamed.UseCase.Name));
        Assert.Equal("assembly-line-qa-2", second.UseCase!.Id);
        Assert.Matches("^[0-9a-f]{12}$", nameless.UseCase!.Id);
        Assert.Equal("検査", nameless.UseCase.Name);
    }

    /// <summary>Of names in other letters nothing but the number is left.</summary>
    [Theory, DatabaseData]
    public async Task Create_ManyNamesOfOneSlug_AllGetIds(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var useCases = fleet.Service<UseCaseService>();
        var ids = new HashSet<string>();

        for (var i = 0; i < 25; i++)
        {
            var created = await useCases.CreateAsync(fleet.Workspace.Id, $"{(char)('検' + i)} 1", "ann", Cancellation);
            Assert.Equal((UseCaseOutcome.Done, null), (created.Outcome, created.Message));
            Assert.Matches("^[a-z0-9-]{1,64}$", created.UseCase!.Id);
            ids.Add(created.UseCase.Id);
        }

        Assert.Equal(25, ids.Count);
        Assert.Superset(new HashSet<string> { "1", "1-2", "1-9" }, ids);
    }

    [Theory, DatabaseData]
    public async Task Name_TakenInAnyCase_IsDuplicate(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var useCases = fleet.Service<UseCaseService>();
        var workspace = fleet.Workspace.Id;
        await useCases.CreateAsync(workspace, "Welding", "ann", Cancellation);
        var other = await useCases.CreateAsync(workspace, "Painting", "ann", Cancellation);

        Assert.Equal(UseCaseOutcome.Duplicate, (await useCases.CreateAsync(workspace, "WELDING", "ann", Cancellation)).Outcome);
        Assert.Equal(UseCaseOutcome.Duplicate, (await useCases.RenameAsync(workspace, other.UseCase!.Id, "welding", "ann", Cancellation)).Outcome);
        Assert.Equal(UseCaseOutcome.Done, (await useCases.RenameAsync(workspace, other.UseCase.Id, "PAINTING", "ann", Cancellation)).Outcome);
    }

    [Theory, DatabaseData]
    public async Task Create_SameNameManyTimesAtOnce_MakesOne(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var useCases = fleet.Service<UseCaseService>();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => useCases.CreateAsync(fleet.Workspace.Id, "Welding", "ann", Cancellation)));

        Assert.Single(results, r => r.Outcome == UseCaseOutcome.Done);
        Assert.Equal(7, results.Count(r => r.Outcome == UseCaseOutcome.Duplicate));
    }

    [Theory]
    [InlineData("", "missing")]
    [InlineData("   ", "missing")]
    [InlineData(null, "missing")]
    [InlineData("a\u0007b", "control")]
    [InlineData("a\0b", "control")]
    public void Name_ThatCanNotBeOne_IsRefusedWithTheReason(string? name, string reason)
    {
        Assert.False(UseCaseName.TryClean(name, out _, out var fault));
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_TooLongOrWithLoneSurrogate_IsRefused()
    {
        Assert.False(UseCaseName.TryClean(new string('x', 257), out _, out _));
        Assert.False(UseCaseName.TryClean("a\ud800b", out _, out _));
        Assert.True(UseCaseName.TryClean(new string('x', 256), out _, out _));
        Assert.True(UseCaseName.TryClean("tool 🔧", out _, out _));
    }

    [Theory, DatabaseData]
    public async Task Changes_OfUseCase_AreAuditedOnceAndPublished(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var published = new TaskCompletionSource();
        using var subscription = fleet.Service<ChangeFeed>().Subscribe(
            c => c.Kind == ChangeKind.UseCase && c.WorkspaceId == fleet.Workspace.Id,
            () => { published.TrySetResult(); return Task.CompletedTask; });
        var useCases = fleet.Service<UseCaseService>();
        var id = (await useCases.CreateAsync(fleet.Workspace.Id, "Welding", "ann", Cancellation)).UseCase!.Id;
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(UseCaseOutcome.Done, (await useCases.ArchiveAsync(fleet.Workspace.Id, id, "ann", Cancellation)).Outcome);
        }

        Assert.True((await useCases.FindAsync(fleet.Workspace.Id, id, Cancellation))!.Archived);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(UseCaseOutcome.Done, (await useCases.UnarchiveAsync(fleet.Workspace.Id, id, "bob", Cancellation)).Outcome);
        }

        await useCases.RenameAsync(fleet.Workspace.Id, id, "Weld", "bob", Cancellation);
        await published.Task.WaitAsync(Cancellation);
        await using var db = fleet.Open();
        var audit = await db.AuditEntries.Where(a => a.Subject == id).OrderBy(a => a.Key).Select(a => $"{a.Actor} {a.Action}").ToListAsync(Cancellation);
        Assert.Equal(["ann use_case.created", "ann use_case.archived", "bob use_case.unarchived", "bob use_case.renamed"], audit);
    }

    [Theory, DatabaseData]
    public async Task Lookup_ByIdThenNameInAnyCase_SeesChangesAtOnce(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var (useCases, directory, workspace) = (fleet.Service<UseCaseService>(), fleet.Service<UseCaseDirectory>(), fleet.Workspace.Id);
        var first = (await useCases.CreateAsync(workspace, "Welding", "ann", Cancellation)).UseCase!.Id;
        await useCases.RenameAsync(workspace, first, "Old welding", "ann", Cancellation);
        // Now the name of the second one is the id of the first one.
        var second = (await useCases.CreateAsync(workspace, "welding", "ann", Cancellation)).UseCase!.Id;

        Assert.Equal("welding-2", second);
        Assert.Equal(first, (await directory.ResolveAsync(workspace, "welding", Cancellation))!.Id);
        Assert.Equal(second, (await directory.ResolveAsync(workspace, "WELDING", Cancellation))!.Id);
        Assert.Equal(first, (await directory.ResolveAsync(workspace, "old welding", Cancellation))!.Id);
        Assert.Null(await directory.ResolveAsync(workspace, "nothing", Cancellation));
        Assert.Null(await directory.ResolveAsync(workspace + 1, "welding", Cancellation));

        await useCases.ArchiveAsync(workspace, first, "ann", Cancellation);
        Assert.True((await directory.ResolveAsync(workspace, "welding", Cancellation))!.Archived);
    }

    [Theory, DatabaseData]
    public async Task Lookup_ByManyCallersAtOnce_AsksTheDatabaseOnce(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var (time, databases) = (new FakeTimeProvider(), new CountingFactory(fleet));
        var id = await fleet.AddUseCaseAsync("Welding");
        var directory = new UseCaseDirectory(databases, time);

        for (var round = 1; round <= 3; round++)
        {
            var found = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => directory.ResolveAsync(fleet.Workspace.Id, "welding", Cancellation))));
            Assert.All(found, f => Assert.Equal(id, f!.Id));
            Assert.Equal(round, databases.Opened);
            time.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Theory, DatabaseData]
    public async Task UnknownId_AnyChange_IsNotFound(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var other = await fleet.AddWorkspaceAsync("other");
        var foreign = await fleet.AddUseCaseAsync("Theirs", other);
        var (useCases, workspace) = (fleet.Service<UseCaseService>(), fleet.Workspace.Id);

        Assert.Equal(UseCaseOutcome.NotFound, (await useCases.RenameAsync(workspace, foreign, "x", "ann", Cancellation)).Outcome);
        Assert.Equal(UseCaseOutcome.NotFound, (await useCases.ArchiveAsync(workspace, foreign, "ann", Cancellation)).Outcome);
        Assert.Equal(UseCaseOutcome.NotFound, (await useCases.UnarchiveAsync(workspace, foreign, "ann", Cancellation)).Outcome);
        Assert.Null(await useCases.FindAsync(workspace, foreign, Cancellation));
    }
}
