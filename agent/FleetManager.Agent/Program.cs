using System.CommandLine;
using FleetManager.Agent.Commands;
using FleetManager.Agent.Platform;

var root = new RootCommand("FleetManager agent: keeps the vision events of this device and backs them up to a FleetManager server.")
{
    EnrollCommand.Create(),
    RunCommand.Create(),
    StatusCommand.Create(),
    ExportCommand.Create(),
    DoctorCommand.Create(),
    VerifyCommand.Create(),
};
try
{
    // A stop may have to finish a commit and say goodbye to the broker.
    var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) };
    return await root.Parse(args).InvokeAsync(configuration);
}
catch (AgentFault fault)
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("stopped");
    return 130;
}
