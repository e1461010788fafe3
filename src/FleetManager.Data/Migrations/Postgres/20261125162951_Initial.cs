using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FleetManager.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    key = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    prefix = table.Column<string>(type: "text", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: false),
                    old_hash = table.Column<string>(type: "text", nullable: true),
                    old_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    scopes = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    disabled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_api_keys", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "audit_entries",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    detail = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit_entries", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "devices",
                columns: table => new
                {
                    key = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    device_id = table.Column<string>(type: "text", nullable: true),
                    name = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: true),
                    workflow_id = table.Column<string>(type: "text", nullable: true),
                    tags = table.Column<List<string>>(type: "text[]", nullable: false),
                    key_hash = table.Column<string>(type: "text", nullable: true),
                    enrollment_token_key = table.Column<int>(type: "integer", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    enrolled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    desired_revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_devices", x => x.key);
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
                name: "events",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    event_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    use_case_key = table.Column<int>(type: "integer", nullable: false),
                    event_type = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    timestamp = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    device_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    stream_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    workflow_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    origin_key = table.Column<int>(type: "integer", nullable: true),
                    event_data = table.Column<string>(type: "jsonb", nullable: true),
                    images = table.Column<string>(type: "jsonb", nullable: true),
                    display_image_position = table.Column<int>(type: "integer", nullable: true),
                    custom_metadata = table.Column<string>(type: "jsonb", nullable: true),
                    comment = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    extra = table.Column<string>(type: "jsonb", nullable: true),
                    warnings = table.Column<string>(type: "jsonb", nullable: true),
                    external_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    related_event_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    feedback = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    reviewer = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    image_count = table.Column<int>(type: "integer", nullable: false),
                    classes = table.Column<string>(type: "jsonb", nullable: true),
                    image_metadata = table.Column<string>(type: "jsonb", nullable: true),
                    previous_use_case_key = table.Column<int>(type: "integer", nullable: true),
                    previous_timestamp = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    content_hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_events", x => x.key);
                })
                .Annotation("Npgsql:StorageParameter:autovacuum_analyze_scale_factor", 0.02)
                .Annotation("Npgsql:StorageParameter:autovacuum_vacuum_insert_scale_factor", 0.050000000000000003)
                .Annotation("Npgsql:StorageParameter:autovacuum_vacuum_scale_factor", 0.02);

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
                name: "images",
                columns: table => new
                {
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    source_id = table.Column<string>(type: "text", nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    media_type = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: true),
                    metadata = table.Column<string>(type: "jsonb", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_images", x => new { x.workspace_id, x.source_id });
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
                name: "one_time_links",
                columns: table => new
                {
                    key = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    user_key = table.Column<int>(type: "integer", nullable: true),
                    hash = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_one_time_links", x => x.key);
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

            migrationBuilder.CreateTable(
                name: "use_cases",
                columns: table => new
                {
                    key = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    use_case_id = table.Column<string>(type: "text", nullable: true),
                    name = table.Column<string>(type: "text", nullable: false),
                    name_key = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    archived_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_use_cases", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "users",
                columns: table => new
                {
                    key = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    email = table.Column<string>(type: "text", nullable: false),
                    email_key = table.Column<string>(type: "text", nullable: false),
                    password_hash = table.Column<string>(type: "text", nullable: true),
                    security_stamp = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    disabled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_users", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "workspaces",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    slug = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    history_days = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_workspaces", x => x.id);
                });

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
                name: "device_statuses",
                columns: table => new
                {
                    device_key = table.Column<int>(type: "integer", nullable: false),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    connected = table.Column<bool>(type: "boolean", nullable: false),
                    connection_changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_uplink_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_rest_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    presence_boot = table.Column<long>(type: "bigint", nullable: false),
                    presence_seq = table.Column<long>(type: "bigint", nullable: false),
                    presence = table.Column<string>(type: "text", nullable: true),
                    agent_version = table.Column<string>(type: "text", nullable: true),
                    hardware = table.Column<string>(type: "jsonb", nullable: true),
                    settings_boot = table.Column<long>(type: "bigint", nullable: false),
                    settings_seq = table.Column<long>(type: "bigint", nullable: false),
                    reported_revision = table.Column<long>(type: "bigint", nullable: true),
                    reported_hash = table.Column<string>(type: "text", nullable: true),
                    reported_state = table.Column<string>(type: "text", nullable: true),
                    reported = table.Column<string>(type: "jsonb", nullable: true),
                    reported_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    sync_boot = table.Column<long>(type: "bigint", nullable: false),
                    sync_seq = table.Column<long>(type: "bigint", nullable: false),
                    sync_phase = table.Column<string>(type: "text", nullable: true),
                    pending_records = table.Column<long>(type: "bigint", nullable: true),
                    sync = table.Column<string>(type: "jsonb", nullable: true),
                    sync_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    telemetry = table.Column<string>(type: "jsonb", nullable: true),
                    telemetry_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_device_statuses", x => x.device_key);
                    table.ForeignKey(
                        name: "FK_device_statuses_devices_device_key",
                        column: x => x.device_key,
                        principalTable: "devices",
                        principalColumn: "key",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "device_stores",
                columns: table => new
                {
                    device_key = table.Column<int>(type: "integer", nullable: false),
                    epoch = table.Column<Guid>(type: "uuid", nullable: false),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    first_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_device_stores", x => new { x.device_key, x.epoch });
                    table.ForeignKey(
                        name: "FK_device_stores_devices_device_key",
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
                name: "enrollment_tokens",
                columns: table => new
                {
                    key = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    device_key = table.Column<int>(type: "integer", nullable: true),
                    prefix = table.Column<string>(type: "text", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: false),
                    uses = table.Column<int>(type: "integer", nullable: false),
                    uses_left = table.Column<int>(type: "integer", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_enrollment_tokens", x => x.key);
                    table.ForeignKey(
                        name: "FK_enrollment_tokens_devices_device_key",
                        column: x => x.device_key,
                        principalTable: "devices",
                        principalColumn: "key",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "settings_revisions",
                columns: table => new
                {
                    key = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    device_key = table.Column<int>(type: "integer", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: false),
                    sections = table.Column<string>(type: "jsonb", nullable: false),
                    issued_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    issued_by = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_settings_revisions", x => x.key);
                    table.ForeignKey(
                        name: "FK_settings_revisions_devices_device_key",
                        column: x => x.device_key,
                        principalTable: "devices",
                        principalColumn: "key",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "memberships",
                columns: table => new
                {
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    user_key = table.Column<int>(type: "integer", nullable: false),
                    role = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_memberships", x => new { x.workspace_id, x.user_key });
                    table.ForeignKey(
                        name: "FK_memberships_users_user_key",
                        column: x => x.user_key,
                        principalTable: "users",
                        principalColumn: "key",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_memberships_workspaces_workspace_id",
                        column: x => x.workspace_id,
                        principalTable: "workspaces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "held_ranges",
                columns: table => new
                {
                    device_key = table.Column<int>(type: "integer", nullable: false),
                    epoch = table.Column<Guid>(type: "uuid", nullable: false),
                    from_seq = table.Column<long>(type: "bigint", nullable: false),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    through_seq = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_held_ranges", x => new { x.device_key, x.epoch, x.from_seq });
                    table.ForeignKey(
                        name: "FK_held_ranges_device_stores_device_key_epoch",
                        columns: x => new { x.device_key, x.epoch },
                        principalTable: "device_stores",
                        principalColumns: new[] { "device_key", "epoch" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "loss_ranges",
                columns: table => new
                {
                    device_key = table.Column<int>(type: "integer", nullable: false),
                    epoch = table.Column<Guid>(type: "uuid", nullable: false),
                    from_seq = table.Column<long>(type: "bigint", nullable: false),
                    workspace_id = table.Column<int>(type: "integer", nullable: false),
                    through_seq = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_loss_ranges", x => new { x.device_key, x.epoch, x.from_seq });
                    table.ForeignKey(
                        name: "FK_loss_ranges_device_stores_device_key_epoch",
                        columns: x => new { x.device_key, x.epoch },
                        principalTable: "device_stores",
                        principalColumns: new[] { "device_key", "epoch" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_hash",
                table: "api_keys",
                column: "hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_old_hash",
                table: "api_keys",
                column: "old_hash");

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_workspace_id_name",
                table: "api_keys",
                columns: new[] { "workspace_id", "name" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_entries_workspace_id_at",
                table: "audit_entries",
                columns: new[] { "workspace_id", "at" });

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
                name: "IX_device_statuses_workspace_id",
                table: "device_statuses",
                column: "workspace_id");

            migrationBuilder.CreateIndex(
                name: "IX_device_telemetry_at",
                table: "device_telemetry",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_devices_device_id",
                table: "devices",
                column: "device_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_devices_key_hash",
                table: "devices",
                column: "key_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_devices_workspace_id_name",
                table: "devices",
                columns: new[] { "workspace_id", "name" });

            migrationBuilder.CreateIndex(
                name: "IX_enrollment_tokens_device_key",
                table: "enrollment_tokens",
                column: "device_key");

            migrationBuilder.CreateIndex(
                name: "IX_enrollment_tokens_hash",
                table: "enrollment_tokens",
                column: "hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_enrollment_tokens_workspace_id_expires_at",
                table: "enrollment_tokens",
                columns: new[] { "workspace_id", "expires_at" });

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
                name: "IX_events_use_case_key_timestamp_key",
                table: "events",
                columns: new[] { "use_case_key", "timestamp", "key" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "IX_events_workspace_id_device_id_timestamp_key",
                table: "events",
                columns: new[] { "workspace_id", "device_id", "timestamp", "key" },
                descending: new[] { false, false, true, true });

            migrationBuilder.CreateIndex(
                name: "IX_events_workspace_id_event_id",
                table: "events",
                columns: new[] { "workspace_id", "event_id" },
                unique: true);

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
                name: "IX_images_workspace_id_last_used_at",
                table: "images",
                columns: new[] { "workspace_id", "last_used_at" });

            migrationBuilder.CreateIndex(
                name: "IX_memberships_user_key",
                table: "memberships",
                column: "user_key");

            migrationBuilder.CreateIndex(
                name: "IX_one_time_links_hash",
                table: "one_time_links",
                column: "hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_settings_revisions_device_key_revision",
                table: "settings_revisions",
                columns: new[] { "device_key", "revision" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_touched_days_use_case_key_day",
                table: "touched_days",
                columns: new[] { "use_case_key", "day" });

            migrationBuilder.CreateIndex(
                name: "IX_touched_hours_use_case_key_hour",
                table: "touched_hours",
                columns: new[] { "use_case_key", "hour" });

            migrationBuilder.CreateIndex(
                name: "IX_use_cases_workspace_id_name_key",
                table: "use_cases",
                columns: new[] { "workspace_id", "name_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_use_cases_workspace_id_use_case_id",
                table: "use_cases",
                columns: new[] { "workspace_id", "use_case_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_users_email_key",
                table: "users",
                column: "email_key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_workspaces_slug",
                table: "workspaces",
                column: "slug",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "audit_entries");

            migrationBuilder.DropTable(
                name: "device_events");

            migrationBuilder.DropTable(
                name: "device_logs");

            migrationBuilder.DropTable(
                name: "device_statuses");

            migrationBuilder.DropTable(
                name: "device_telemetry");

            migrationBuilder.DropTable(
                name: "enrollment_tokens");

            migrationBuilder.DropTable(
                name: "event_days");

            migrationBuilder.DropTable(
                name: "event_facets");

            migrationBuilder.DropTable(
                name: "event_hours");

            migrationBuilder.DropTable(
                name: "events");

            migrationBuilder.DropTable(
                name: "facet_days");

            migrationBuilder.DropTable(
                name: "held_ranges");

            migrationBuilder.DropTable(
                name: "images");

            migrationBuilder.DropTable(
                name: "loss_ranges");

            migrationBuilder.DropTable(
                name: "memberships");

            migrationBuilder.DropTable(
                name: "metadata_fields");

            migrationBuilder.DropTable(
                name: "one_time_links");

            migrationBuilder.DropTable(
                name: "settings_revisions");

            migrationBuilder.DropTable(
                name: "touched_days");

            migrationBuilder.DropTable(
                name: "touched_hours");

            migrationBuilder.DropTable(
                name: "use_cases");

            migrationBuilder.DropTable(
                name: "device_stores");

            migrationBuilder.DropTable(
                name: "users");

            migrationBuilder.DropTable(
                name: "workspaces");

            migrationBuilder.DropTable(
                name: "devices");
        }
    }
}
