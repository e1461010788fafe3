using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FleetManager.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ReferenceApi : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_custom_metadata",
                table: "events");

            migrationBuilder.AddColumn<string>(
                name: "classes",
                table: "events",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "external_id",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "feedback",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "image_count",
                table: "events",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "image_metadata",
                table: "events",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "previous_timestamp",
                table: "events",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "previous_use_case_key",
                table: "events",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "related_event_id",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "reviewer",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "metadata_fields",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "integer", nullable: false),
                    of_image = table.Column<bool>(type: "boolean", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<int>(type: "integer", nullable: false),
                    last_seen = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_metadata_fields", x => new { x.use_case_key, x.of_image, x.name, x.type });
                });

            migrationBuilder.CreateTable(
                name: "touched_hours",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    use_case_key = table.Column<int>(type: "integer", nullable: false),
                    hour = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_touched_hours", x => x.key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_events_custom_metadata_classes",
                table: "events",
                columns: new[] { "custom_metadata", "classes" })
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "jsonb_path_ops", "jsonb_path_ops" });

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
                name: "IX_events_custom_metadata_classes",
                table: "events");

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

            migrationBuilder.CreateIndex(
                name: "IX_events_custom_metadata",
                table: "events",
                column: "custom_metadata")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "jsonb_path_ops" });
        }
    }
}
