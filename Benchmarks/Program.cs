using System.CommandLine;
using CasFunctions.Benchmarks.Load;

var root = new RootCommand("Measures the service on real stores.") { LoadCommand.Create() };
return await root.Parse(args).InvokeAsync();
