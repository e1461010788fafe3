using FleetManager.Contracts.Devices;

namespace FleetManager.Contracts.Agents;

/// <summary>
/// Body of <c>POST /agent/v1/enroll</c>. The agent makes its own key and keeps it before it asks, so an answer lost on the wire costs
/// nothing: the same token with the same key gets the same device again, and no use of the token is counted.
/// </summary>
/// <param name="Token">The enrollment token, <c>fe_…</c>.</param>
/// <param name="DeviceKey">The key that the device will use from now on, <c>fd_…</c> and 64 hexadecimal digits; the server keeps only its hash.</param>
/// <param name="Name">Name shown in the console; the host's name when null. At most 100 characters.</param>
/// <param name="AgentVersion">Version of the agent program.</param>
/// <param name="Hardware">What it runs on.</param>
public sealed record EnrollRequest(string Token, string DeviceKey, string? Name, string AgentVersion, HardwareSummary? Hardware);

/// <summary>Answer of <c>POST /agent/v1/enroll</c>: 200.</summary>
/// <param name="DeviceId">The identity given to the device.</param>
/// <param name="Name">The name it is shown under.</param>
/// <param name="Workspace">Slug of the workspace it now belongs to.</param>
/// <param name="Mqtt">Where its broker is.</param>
public sealed record EnrollAnswer(string DeviceId, string Name, string Workspace, MqttAddress Mqtt);

/// <summary>Where an agent finds its broker; user name and client id are the device id, the password is the device key.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Tls">Whether to speak TLS.</param>
/// <param name="TopicRoot">First level of every topic.</param>
public sealed record MqttAddress(string Host, int Port, bool Tls, string TopicRoot);

/// <summary>Every error of a REST route: <c>{"error":"…"}</c> (vision-events.md 12).</summary>
/// <param name="Error">What is wrong and what to do, one sentence.</param>
public sealed record ErrorAnswer(string Error);
