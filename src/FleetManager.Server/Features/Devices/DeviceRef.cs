using FleetManager.Contracts;

namespace FleetManager.Server.Features.Devices;

/// <summary>A device that has proved who it is.</summary>
/// <param name="Key">Internal key.</param>
/// <param name="WorkspaceId">Where it belongs.</param>
/// <param name="Id">Public id.</param>
internal sealed record DeviceRef(int Key, int WorkspaceId, DeviceId Id);
