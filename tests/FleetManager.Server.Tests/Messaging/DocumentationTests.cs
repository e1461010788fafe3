using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Server.Tests.Messaging;

/// <summary>docs/mqtt.md shows what is really spoken: its examples are read as the messages they stand for, and may hold no other member.</summary>
public sealed partial class DocumentationTests
{
    private static readonly JsonSerializerOptions s_strict = new(ContractsJson.Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    [Fact]
    public async Task Examples_OfTheTopicContract_AreReadAsTheirMessages()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "FleetManager.sln")))
        {
            folder = folder.Parent;
        }

        var text = await File.ReadAllTextAsync(Path.Combine(folder.FullName, "docs/mqtt.md"), TestContext.Current.CancellationToken);
        var examples = Example().Matches(text).Select(m => m.Groups[1].Value).ToList();

        Type[] types =
        [
            typeof(Envelope<JsonElement>), typeof(PresenceReport), typeof(SyncReport), typeof(DesiredSettings), typeof(ReportedSettings), typeof(TelemetrySample),
        ];
        Assert.Equal(types.Length, examples.Count);
        Assert.All(types.Zip(examples), e => Assert.NotNull(JsonSerializer.Deserialize(e.Second, e.First, s_strict)));
        var desired = JsonSerializer.Deserialize<DesiredSettings>(examples[3], s_strict)!;
        Assert.All(desired.Sections.EnumerateObject(), given =>
        {
            var section = SettingsCatalog.Sections.Single(s => s.Name == given.Name);
            Assert.Empty(section.Check(given.Value, out var ignored));
            Assert.Empty(ignored);
        });
    }

    [GeneratedRegex("```json\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
