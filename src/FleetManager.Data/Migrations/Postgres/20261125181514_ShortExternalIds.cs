using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FleetManager.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ShortExternalIds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_use_case_key_external_id",
                table: "events");

            migrationBuilder.CreateIndex(
                name: "IX_events_use_case_key_external_id",
                table: "events",
                columns: new[] { "use_case_key", "external_id" },
                filter: "length(external_id) <= 500");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_use_case_key_external_id",
                table: "events");

            migrationBuilder.CreateIndex(
                name: "IX_events_use_case_key_external_id",
                table: "events",
                columns: new[] { "use_case_key", "external_id" },
                filter: "external_id IS NOT NULL");
        }
    }
}
