using Xunit.Sdk;
using Xunit.v3;

// Each test runs a fleet of real processes: one at a time leaves them the machine.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(FleetManager.EndToEnd.Tests.Harness.Browser))]
