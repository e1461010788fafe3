using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FleetManager.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class QueryFilters : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_events_with_warnings",
                table: "events",
                columns: new[] { "use_case_key", "timestamp", "key" },
                descending: new[] { false, true, true },
                filter: "warnings IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_events_with_warnings",
                table: "events");
        }
    }
}
