using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FleetManager.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class DeviceApi : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            migrationBuilder.CreateIndex(
                name: "IX_enrollment_tokens_device_key",
                table: "enrollment_tokens",
                column: "device_key");

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

            migrationBuilder.DropIndex(
                name: "IX_enrollment_tokens_device_key",
                table: "enrollment_tokens");

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
        }
    }
}
