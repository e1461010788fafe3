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

            migrationBuilder.AddColumn<int>(
                name: "device_key",
                table: "enrollment_tokens",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "key_hash",
                table: "devices",
                type: "TEXT",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "TEXT");

            migrationBuilder.AlterColumn<long>(
                name: "enrolled_at",
                table: "devices",
                type: "INTEGER",
                nullable: true,
                oldClrType: typeof(long),
                oldType: "INTEGER");

            migrationBuilder.AddColumn<long>(
                name: "created_at",
                table: "devices",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "tags",
                table: "devices",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<string>(
                name: "type",
                table: "devices",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "workflow_id",
                table: "devices",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "old_hash",
                table: "api_keys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "old_until",
                table: "api_keys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "device_events",
                columns: table => new
                {
                    key = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    workspace_id = table.Column<int>(type: "INTEGER", nullable: false),
                    device_key = table.Column<int>(type: "INTEGER", nullable: false),
                    entity_type = table.Column<string>(type: "TEXT", nullable: false),
                    entity_id = table.Column<string>(type: "TEXT", nullable: false),
                    @event = table.Column<string>(name: "event", type: "TEXT", nullable: false),
                    description = table.Column<string>(type: "TEXT", nullable: false),
                    device_at = table.Column<long>(type: "INTEGER", nullable: true),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    is_repeat = table.Column<bool>(type: "INTEGER", nullable: false)
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
                    key = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    workspace_id = table.Column<int>(type: "INTEGER", nullable: false),
                    device_key = table.Column<int>(type: "INTEGER", nullable: false),
                    boot = table.Column<long>(type: "INTEGER", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    received_at = table.Column<long>(type: "INTEGER", nullable: false),
                    severity = table.Column<string>(type: "TEXT", nullable: false),
                    service = table.Column<string>(type: "TEXT", nullable: false),
                    message = table.Column<string>(type: "TEXT", nullable: false)
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
                    device_key = table.Column<int>(type: "INTEGER", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    workspace_id = table.Column<int>(type: "INTEGER", nullable: false),
                    samples = table.Column<int>(type: "INTEGER", nullable: false),
                    cpu_percent = table.Column<double>(type: "REAL", nullable: true),
                    memory_used_bytes = table.Column<double>(type: "REAL", nullable: true),
                    memory_total_bytes = table.Column<double>(type: "REAL", nullable: true),
                    disk_used_bytes = table.Column<double>(type: "REAL", nullable: true),
                    disk_total_bytes = table.Column<double>(type: "REAL", nullable: true),
                    network_received_bytes = table.Column<long>(type: "INTEGER", nullable: true),
                    network_sent_bytes = table.Column<long>(type: "INTEGER", nullable: true),
                    temperature_celsius = table.Column<double>(type: "REAL", nullable: true)
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

            migrationBuilder.AlterColumn<string>(
                name: "key_hash",
                table: "devices",
                type: "TEXT",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldNullable: true);

            migrationBuilder.AlterColumn<long>(
                name: "enrolled_at",
                table: "devices",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "INTEGER",
                oldNullable: true);
        }
    }
}
