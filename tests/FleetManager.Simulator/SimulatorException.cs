namespace FleetManager.Simulator;

/// <summary>Ends the run; the message tells the user what is wrong and what to do.</summary>
internal sealed class SimulatorException(string message) : Exception(message);
