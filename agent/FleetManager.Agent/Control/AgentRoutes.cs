using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using FleetManager.Agent.Platform;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Control;

/// <summary>The server's routes for agents that concern control (design 5.4).</summary>
internal sealed class AgentRoutes(ServerHttp http)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);
    private EntityTagHeaderValue? _settingsTag;

    public Task<Reply<EnrollAnswer>> EnrollAsync(EnrollRequest request, CancellationToken cancellationToken) =>
        http.SendAsync(
            http.Request(HttpMethod.Post, "/agent/v1/enroll", JsonContent.Create(request, ContractsJson.Default.EnrollRequest)),
            HttpStatusCode.OK,
            ContractsJson.Default.EnrollAnswer,
            s_timeout,
            cancellationToken);

    /// <summary>The desired settings; neither value nor failure when they are those that were fetched last.</summary>
    public Task<Reply<DesiredSettings>> SettingsAsync(CancellationToken cancellationToken)
    {
        var request = http.Request(HttpMethod.Get, "/agent/v1/settings");
        if (_settingsTag is { } tag)
        {
            request.Headers.IfNoneMatch.Add(tag);
        }

        return http.ExchangeAsync(request, s_timeout, ReadAsync, cancellationToken);
    }

    /// <summary>Takes the way round a blocked broker with one uplink message; null when the server has taken it.</summary>
    public Task<Failure?> ReportAsync(byte[] envelope, CancellationToken cancellationToken)
    {
        var body = new ByteArrayContent(envelope) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return http.SendAsync(http.Request(HttpMethod.Post, "/agent/v1/report", body), s_timeout, cancellationToken);
    }

    /// <summary>Sends lines of the log; null when the server has taken them.</summary>
    public Task<Failure?> LogsAsync(LogBatch batch, CancellationToken cancellationToken) =>
        http.SendAsync(
            http.Request(HttpMethod.Post, "/agent/v1/logs", JsonContent.Create(batch, ContractsJson.Default.LogBatch)), s_timeout, cancellationToken);

    /// <summary>Tells what happened to the device; null when the server keeps it.</summary>
    public Task<Failure?> DeviceEventsAsync(DeviceEventBatch batch, CancellationToken cancellationToken) =>
        http.SendAsync(
            http.Request(HttpMethod.Post, "/agent/v1/device-events", JsonContent.Create(batch, ContractsJson.Default.DeviceEventBatch)), s_timeout, cancellationToken);

    private async Task<Reply<DesiredSettings>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return default;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new Reply<DesiredSettings>(null, await http.FailureOfAsync(response, cancellationToken));
        }

        var desired = await response.Content.ReadFromJsonAsync(ContractsJson.Default.DesiredSettings, cancellationToken);
        if (desired?.Hash is null)
        {
            throw new JsonException("no settings in the answer");
        }

        _settingsTag = response.Headers.ETag;
        return new Reply<DesiredSettings>(desired, null);
    }
}
