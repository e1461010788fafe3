using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FleetManager.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ReferenceApi : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "classes",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "external_id",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "feedback",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "image_count",
                table: "events",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "image_metadata",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "previous_timestamp",
                table: "events",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "previous_use_case_key",
                table: "events",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "related_event_id",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "reviewer",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "metadata_fields",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "INTEGER", nullable: false),
                    of_image = table.Column<bool>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    type = table.Column<int>(type: "INTEGER", nullable: false),
                    last_seen = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_metadata_fields", x => new { x.use_case_key, x.of_image, x.name, x.type });
                });

            migrationBuilder.CreateTable(
                name: "touched_hours",
                columns: table => new
                {
                    key = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    use_case_key = table.Column<int>(type: "INTEGER", nullable: false),
                    hour = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_touched_hours", x => x.key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_events_use_case_key_external_id",
                table: "events",
                columns: new[] { "use_case_key", "external_id" },
                filter: "external_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_events_workspace_id_related_event_id",
                table: "events",
                columns: new[] { "workspace_id", "related_event_id" },
                filter: "related_event_id IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "metadata_fields");

            migrationBuilder.DropTable(
                name: "touched_hours");

            migrationBuilder.DropIndex(
                name: "IX_events_use_case_key_external_id",
                table: "events");

            migrationBuilder.DropIndex(
                name: "IX_events_workspace_id_related_event_id",
                table: "events");

            migrationBuilder.DropColumn(
                name: "classes",
                table: "events");

            migrationBuilder.DropColumn(
                name: "external_id",
                table: "events");

            migrationBuilder.DropColumn(
                name: "feedback",
                table: "events");

            migrationBuilder.DropColumn(
                name: "image_count",
                table: "events");

            migrationBuilder.DropColumn(
                name: "image_metadata",
                table: "events");

            migrationBuilder.DropColumn(
                name: "previous_timestamp",
                table: "events");

            migrationBuilder.DropColumn(
                name: "previous_use_case_key",
                table: "events");

            migrationBuilder.DropColumn(
                name: "related_event_id",
                table: "events");

            migrationBuilder.DropColumn(
                name: "reviewer",
                table: "events");
        }
    }
}
