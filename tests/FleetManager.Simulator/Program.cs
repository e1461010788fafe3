using System.CommandLine;
using FleetManager.Simulator.Camera;

var root = new RootCommand("Simulates the surroundings of a FleetManager: cameras that post events.") { CameraCommand.Create() };
return await root.Parse(args).InvokeAsync();
