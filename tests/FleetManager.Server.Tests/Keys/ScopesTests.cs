using FleetManager.Contracts;
using FleetManager.Server.Features.Keys;

namespace FleetManager.Server.Tests.Keys;

public sealed class ScopesTests
{
    [Theory]
    [InlineData("vision-events:write", "vision-events:write")]
    [InlineData("vision-events.write", "vision-events:write")]
    [InlineData("visionEvents.write", "vision-events:write")]
    [InlineData("visionEvents:write", "vision-events:write")]
    [InlineData(" device.update ", "device:update")]
    [InlineData("mqtt.read", "mqtt:read")]
    [InlineData("apiKeys.manage", "api-keys:manage")]
    [InlineData("visionevents.write", null)]
    [InlineData("vision-events", null)]
    [InlineData("*", null)]
    [InlineData("", null)]
    public void Scope_AnySpelling_IsTheColonForm(string text, string? expected)
    {
        Assert.Equal(expected is not null, Scopes.TryNormalize(text, out var scope));
        Assert.Equal(expected, scope);
    }

    [Fact]
    public void Parse_SameScopeTwice_OnceInOrder() =>
        Assert.Equal(["vision-events:write", "device:read"], Scopes.Parse(["device.read", "visionEvents.write", "device:read"], out _));

    // The reference's SDK takes a key without a lower-case letter for a placeholder and never calls the server.
    [Fact]
    public void Secret_Always_HoldsALowerCaseLetter() =>
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Contains(Secret.New(Secret.ApiKeyPrefix), char.IsAsciiLetterLower));
}
