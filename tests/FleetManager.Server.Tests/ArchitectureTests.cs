using System.Xml.Linq;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using FleetManager.Contracts;
using FleetManager.Data;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace FleetManager.Server.Tests;

/// <summary>Holds the reference rules of docs/architecture.md and of the style guide.</summary>
public sealed class ArchitectureTests
{
    private const string Features = @"^FleetManager\.Server\.Features\.";

    private static readonly Architecture s_architecture = new ArchLoader()
        .LoadAssemblies(typeof(DeviceId).Assembly, typeof(FleetDb).Assembly, typeof(Program).Assembly)
        .Build();

    [Theory]
    [InlineData("src/FleetManager.Contracts")]
    [InlineData("src/FleetManager.Data", "FleetManager.Contracts")]
    [InlineData("src/FleetManager.Server", "FleetManager.Contracts", "FleetManager.Data")]
    [InlineData("agent/FleetManager.Agent", "FleetManager.Contracts")]
    public void Project_References_OnlyWhatTheTableAllows(string folder, params string[] allowed)
    {
        var project = Directory.GetFiles(Path.Combine(RepositoryRoot(), folder), "*.csproj").Single();

        var references = XDocument.Load(project).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value))
            .Order();

        Assert.Equal(allowed.Order(), references);
    }

    [Fact]
    public void Contracts_Packages_None()
    {
        var project = XDocument.Load(Path.Combine(RepositoryRoot(), "src/FleetManager.Contracts/FleetManager.Contracts.csproj"));

        Assert.Empty(project.Descendants("PackageReference"));
    }

    [Fact]
    public void Data_Dependencies_NoAspNetCore() =>
        Hold(Types().That().ResideInNamespaceMatching(@"^FleetManager\.Data").Should().NotDependOnAnyTypesThat().ResideInNamespaceMatching(@"^Microsoft\.AspNetCore"));

    [Fact]
    public void MqttLibrary_Users_OnlyMessaging() =>
        Hold(Types().That().ResideInNamespaceMatching(@"^FleetManager\.Server(?!\.Messaging)").Should().NotDependOnAnyTypesThat().ResideInNamespaceMatching("^MQTTnet"));

    [Fact]
    public void PagesAndRoutes_Dependencies_NoDatabase() =>
        Hold(Types().That().ResideInNamespaceMatching(@"\.(Pages|Dialogs|Components)(\.|$)").Or().HaveNameEndingWith("Api")
            .Should().NotDependOnAny(Types().That().Are(typeof(FleetDb))));

    [Fact]
    public void Providers_Users_OnlyDataAndSetup() =>
        Hold(Types().That().ResideInNamespaceMatching(Features).Or().ResideInNamespaceMatching(@"^FleetManager\.Server\.(Messaging|Live|Components)")
            .Should().NotDependOnAny(Types().That().Are(typeof(SqliteFleetDb), typeof(PostgresFleetDb))));

    [Fact]
    public void Live_Dependencies_NoFeature() =>
        Hold(Types().That().ResideInNamespaceMatching(@"^FleetManager\.Server\.Live").Should().NotDependOnAnyTypesThat().ResideInNamespaceMatching(Features));

    private static void Hold(IArchRule rule) => rule.Check(s_architecture);

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "FleetManager.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
