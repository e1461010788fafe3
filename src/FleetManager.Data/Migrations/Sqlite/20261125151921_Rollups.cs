using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FleetManager.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Rollups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "event_days",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "INTEGER", nullable: false),
                    day = table.Column<long>(type: "INTEGER", nullable: false),
                    event_type = table.Column<string>(type: "TEXT", nullable: false),
                    events = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_event_days", x => new { x.use_case_key, x.day, x.event_type });
                });

            migrationBuilder.CreateTable(
                name: "event_facets",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "INTEGER", nullable: false),
                    day = table.Column<long>(type: "INTEGER", nullable: false),
                    field = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<int>(type: "INTEGER", nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: false),
                    events = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_event_facets", x => new { x.use_case_key, x.day, x.field, x.kind, x.value });
                });

            migrationBuilder.CreateTable(
                name: "event_hours",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "INTEGER", nullable: false),
                    hour = table.Column<long>(type: "INTEGER", nullable: false),
                    event_type = table.Column<string>(type: "TEXT", nullable: false),
                    events = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_event_hours", x => new { x.use_case_key, x.hour, x.event_type });
                });

            migrationBuilder.CreateTable(
                name: "facet_days",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "INTEGER", nullable: false),
                    day = table.Column<long>(type: "INTEGER", nullable: false),
                    counted_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_facet_days", x => new { x.use_case_key, x.day });
                });

            migrationBuilder.CreateTable(
                name: "touched_days",
                columns: table => new
                {
                    key = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    use_case_key = table.Column<int>(type: "INTEGER", nullable: false),
                    day = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_touched_days", x => x.key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_touched_hours_use_case_key_hour",
                table: "touched_hours",
                columns: new[] { "use_case_key", "hour" });

            migrationBuilder.CreateIndex(
                name: "IX_touched_days_use_case_key_day",
                table: "touched_days",
                columns: new[] { "use_case_key", "day" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "event_days");

            migrationBuilder.DropTable(
                name: "event_facets");

            migrationBuilder.DropTable(
                name: "event_hours");

            migrationBuilder.DropTable(
                name: "facet_days");

            migrationBuilder.DropTable(
                name: "touched_days");

            migrationBuilder.DropIndex(
                name: "IX_touched_hours_use_case_key_hour",
                table: "touched_hours");
        }
    }
}
