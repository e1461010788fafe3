using System.CommandLine;
using FleetManager.Simulator.Camera;
using FleetManager.Simulator.Fleet;

var root = new RootCommand("Simulates the surroundings of a FleetManager: cameras that post events, and fleets of agents.") { CameraCommand.Create(), FleetCommand.Create() };
return await root.Parse(args).InvokeAsync();
