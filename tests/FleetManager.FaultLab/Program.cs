using FleetManager.FaultLab;
using FleetManager.FaultLab.Disk;

SqliteVfs.Install();
return await LabCommand.Create().Parse(args).InvokeAsync();
