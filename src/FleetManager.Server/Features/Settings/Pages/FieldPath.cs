namespace FleetManager.Server.Features.Settings.Pages;

/// <summary>One setting in the document.</summary>
public readonly record struct FieldPath(string Section, string Key);
