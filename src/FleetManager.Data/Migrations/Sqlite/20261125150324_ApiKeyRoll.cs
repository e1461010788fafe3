using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FleetManager.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ApiKeyRoll : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_old_hash",
                table: "api_keys",
                column: "old_hash");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_api_keys_old_hash",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "old_hash",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "old_until",
                table: "api_keys");
        }
    }
}
