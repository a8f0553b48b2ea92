using System.CommandLine;
using CasFunctions.Benchmarks;
using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Discarding;
using CasFunctions.Benchmarks.Limits;
using CasFunctions.Benchmarks.Load;

var root = new RootCommand("Measures the service on real stores.")
{
    LoadCommand.Create(),
    SideBySideCommand.Create(),
    ClientCommand.Create(),
    LimitCommand.Create(),
    ServeCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
