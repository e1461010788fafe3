using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FleetManager.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class DeviceEventsOfAgents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "boot",
                table: "device_events",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "seq",
                table: "device_events",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_device_events_device_key_boot_seq",
                table: "device_events",
                columns: new[] { "device_key", "boot", "seq" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_device_events_device_key_boot_seq",
                table: "device_events");

            migrationBuilder.DropColumn(
                name: "boot",
                table: "device_events");

            migrationBuilder.DropColumn(
                name: "seq",
                table: "device_events");
        }
    }
}
