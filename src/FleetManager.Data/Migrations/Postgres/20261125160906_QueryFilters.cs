using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FleetManager.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class QueryFilters : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_custom_metadata",
                table: "events");

            migrationBuilder.AlterTable(
                name: "events")
                .Annotation("Npgsql:StorageParameter:autovacuum_analyze_scale_factor", 0.02)
                .Annotation("Npgsql:StorageParameter:autovacuum_vacuum_insert_scale_factor", 0.050000000000000003)
                .Annotation("Npgsql:StorageParameter:autovacuum_vacuum_scale_factor", 0.02);

            migrationBuilder.AlterColumn<string>(
                name: "workflow_id",
                table: "events",
                type: "text",
                nullable: true,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "stream_id",
                table: "events",
                type: "text",
                nullable: true,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "event_type",
                table: "events",
                type: "text",
                nullable: false,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<string>(
                name: "event_id",
                table: "events",
                type: "text",
                nullable: false,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<string>(
                name: "device_id",
                table: "events",
                type: "text",
                nullable: true,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "comment",
                table: "events",
                type: "text",
                nullable: true,
                collation: "C",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AddColumn<string>(
                name: "classes",
                table: "events",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "external_id",
                table: "events",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "feedback",
                table: "events",
                type: "text",
                nullable: true,
                collation: "C");

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
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "reviewer",
                table: "events",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<int>(
                name: "device_key",
                table: "enrollment_tokens",
                type: "integer",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "key_hash",
                table: "devices",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AlterColumn<DateTimeOffset>(
                name: "enrolled_at",
                table: "devices",
                type: "timestamp with time zone",
                nullable: true,
                oldClrType: typeof(DateTimeOffset),
                oldType: "timestamp with time zone");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "created_at",
                table: "devices",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<List<string>>(
                name: "tags",
                table: "devices",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<string>(
                name: "type",
                table: "devices",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "workflow_id",
                table: "devices",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "old_hash",
                table: "api_keys",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "old_until",
                table: "api_keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "device_events",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    device_key = table.Column<int>(type: "integer", nullable: false),
                    entity_type = table.Column<string>(type: "text", nullable: false),
                    entity_id = table.Column<string>(type: "text", nullable: false),
                    @event = table.Column<string>(name: "event", type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    device_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    is_repeat = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_device_events", x => x.key);
                    table.ForeignKey(
                        name: "FK_device_events_devices_device_key",
                        column: x => x.device_key,
                        principalTable: "devices",
                        principalColumn: "key",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "device_logs",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    device_key = table.Column<int>(type: "integer", nullable: false),
                    boot = table.Column<long>(type: "bigint", nullable: false),
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    severity = table.Column<string>(type: "text", nullable: false),
                    service = table.Column<string>(type: "text", nullable: false),
                    message = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_device_logs", x => x.key);
                    table.ForeignKey(
                        name: "FK_device_logs_devices_device_key",
                        column: x => x.device_key,
                        principalTable: "devices",
                        principalColumn: "key",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "device_telemetry",
                columns: table => new
                {
                    device_key = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    samples = table.Column<int>(type: "integer", nullable: false),
                    cpu_percent = table.Column<double>(type: "double precision", nullable: true),
                    memory_used_bytes = table.Column<double>(type: "double precision", nullable: true),
                    memory_total_bytes = table.Column<double>(type: "double precision", nullable: true),
                    disk_used_bytes = table.Column<double>(type: "double precision", nullable: true),
                    disk_total_bytes = table.Column<double>(type: "double precision", nullable: true),
                    network_received_bytes = table.Column<long>(type: "bigint", nullable: true),
                    network_sent_bytes = table.Column<long>(type: "bigint", nullable: true),
                    temperature_celsius = table.Column<double>(type: "double precision", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_device_telemetry", x => new { x.device_key, x.at });
                    table.ForeignKey(
                        name: "FK_device_telemetry_devices_device_key",
                        column: x => x.device_key,
                        principalTable: "devices",
                        principalColumn: "key",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "event_days",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "integer", nullable: false),
                    day = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    event_type = table.Column<string>(type: "text", nullable: false),
                    events = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_event_days", x => new { x.use_case_key, x.day, x.event_type });
                });

            migrationBuilder.CreateTable(
                name: "event_facets",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "integer", nullable: false),
                    day = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    field = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    value = table.Column<string>(type: "text", nullable: false),
                    events = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_event_facets", x => new { x.use_case_key, x.day, x.field, x.kind, x.value });
                });

            migrationBuilder.CreateTable(
                name: "event_hours",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "integer", nullable: false),
                    hour = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    event_type = table.Column<string>(type: "text", nullable: false),
                    events = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_event_hours", x => new { x.use_case_key, x.hour, x.event_type });
                });

            migrationBuilder.CreateTable(
                name: "facet_days",
                columns: table => new
                {
                    use_case_key = table.Column<int>(type: "integer", nullable: false),
                    day = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    counted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_facet_days", x => new { x.use_case_key, x.day });
                });

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
                name: "touched_days",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    use_case_key = table.Column<int>(type: "integer", nullable: false),
                    day = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_touched_days", x => x.key);
                })
                .Annotation("Npgsql:StorageParameter:autovacuum_vacuum_scale_factor", 0)
                .Annotation("Npgsql:StorageParameter:autovacuum_vacuum_threshold", 1000);

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
                })
                .Annotation("Npgsql:StorageParameter:autovacuum_vacuum_scale_factor", 0)
                .Annotation("Npgsql:StorageParameter:autovacuum_vacuum_threshold", 1000);

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

            migrationBuilder.CreateIndex(
                name: "ix_events_with_warnings",
                table: "events",
                columns: new[] { "use_case_key", "timestamp", "key" },
                descending: new[] { false, true, true },
                filter: "warnings IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_enrollment_tokens_device_key",
                table: "enrollment_tokens",
                column: "device_key");

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_old_hash",
                table: "api_keys",
                column: "old_hash");

            migrationBuilder.CreateIndex(
                name: "IX_device_events_device_key_entity_type_entity_id_key",
                table: "device_events",
                columns: new[] { "device_key", "entity_type", "entity_id", "key" });

            migrationBuilder.CreateIndex(
                name: "IX_device_events_device_key_key",
                table: "device_events",
                columns: new[] { "device_key", "key" });

            migrationBuilder.CreateIndex(
                name: "IX_device_logs_device_key_at_key",
                table: "device_logs",
                columns: new[] { "device_key", "at", "key" });

            migrationBuilder.CreateIndex(
                name: "IX_device_logs_device_key_boot_seq",
                table: "device_logs",
                columns: new[] { "device_key", "boot", "seq" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_device_telemetry_at",
                table: "device_telemetry",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_touched_days_use_case_key_day",
                table: "touched_days",
                columns: new[] { "use_case_key", "day" });

            migrationBuilder.CreateIndex(
                name: "IX_touched_hours_use_case_key_hour",
                table: "touched_hours",
                columns: new[] { "use_case_key", "hour" });

            migrationBuilder.AddForeignKey(
                name: "FK_enrollment_tokens_devices_device_key",
                table: "enrollment_tokens",
                column: "device_key",
                principalTable: "devices",
                principalColumn: "key",
                onDelete: ReferentialAction.Cascade);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_enrollment_tokens_devices_device_key",
                table: "enrollment_tokens");

            migrationBuilder.DropTable(
                name: "device_events");

            migrationBuilder.DropTable(
                name: "device_logs");

            migrationBuilder.DropTable(
                name: "device_telemetry");

            migrationBuilder.DropTable(
                name: "event_days");

            migrationBuilder.DropTable(
                name: "event_facets");

            migrationBuilder.DropTable(
                name: "event_hours");

            migrationBuilder.DropTable(
                name: "facet_days");

            migrationBuilder.DropTable(
                name: "metadata_fields");

            migrationBuilder.DropTable(
                name: "touched_days");

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

            migrationBuilder.DropIndex(
                name: "ix_events_with_warnings",
                table: "events");

            migrationBuilder.DropIndex(
                name: "IX_enrollment_tokens_device_key",
                table: "enrollment_tokens");

            migrationBuilder.DropIndex(
                name: "IX_api_keys_old_hash",
                table: "api_keys");

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

            migrationBuilder.DropColumn(
                name: "device_key",
                table: "enrollment_tokens");

            migrationBuilder.DropColumn(
                name: "created_at",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "tags",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "type",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "workflow_id",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "old_hash",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "old_until",
                table: "api_keys");

            migrationBuilder.AlterTable(
                name: "events")
                .OldAnnotation("Npgsql:StorageParameter:autovacuum_analyze_scale_factor", 0.02)
                .OldAnnotation("Npgsql:StorageParameter:autovacuum_vacuum_insert_scale_factor", 0.050000000000000003)
                .OldAnnotation("Npgsql:StorageParameter:autovacuum_vacuum_scale_factor", 0.02);

            migrationBuilder.AlterColumn<string>(
                name: "workflow_id",
                table: "events",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true,
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "stream_id",
                table: "events",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true,
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "event_type",
                table: "events",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "event_id",
                table: "events",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "device_id",
                table: "events",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true,
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "comment",
                table: "events",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true,
                oldCollation: "C");

            migrationBuilder.AlterColumn<string>(
                name: "key_hash",
                table: "devices",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<DateTimeOffset>(
                name: "enrolled_at",
                table: "devices",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)),
                oldClrType: typeof(DateTimeOffset),
                oldType: "timestamp with time zone",
                oldNullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_events_custom_metadata",
                table: "events",
                column: "custom_metadata")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:IndexOperators", new[] { "jsonb_path_ops" });
        }
    }
}
