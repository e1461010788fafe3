namespace FleetManager.Data.Tests.Databases;

/// <summary>The databases that every query must work on.</summary>
public enum DatabaseKind
{
    Sqlite,
    Postgres,
}
