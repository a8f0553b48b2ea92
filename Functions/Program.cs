using CasFunctions;
using Microsoft.Extensions.Hosting;

await CasApplication.CreateBuilder(args).Build().RunAsync();
