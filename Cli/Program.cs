using CasFunctions.Cli.Commands;

return await CasCommandLine.RunAsync(args);
