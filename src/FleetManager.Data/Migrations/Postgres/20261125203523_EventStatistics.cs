using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FleetManager.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class EventStatistics : Migration
    {
        // No filter asks these columns for a value, and comparing JSON documents is nearly all that an ANALYZE of the table costs: a busy table is
        // analyzed every minute. EF has no word for it.
        private const string Columns = "event_data images extra warnings image_metadata";

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => Set(migrationBuilder, 0);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => Set(migrationBuilder, -1);

        private static void Set(MigrationBuilder migrationBuilder, int target)
        {
            foreach (var column in Columns.Split(' '))
            {
                migrationBuilder.Sql($"ALTER TABLE events ALTER COLUMN {column} SET STATISTICS {target}");
            }
        }
    }
}
