using Microsoft.Azure.Functions.Worker.Builder;

namespace CasFunctions;

/// <summary>The service as a host can run it.</summary>
public static class CasApplication
{
    /// <summary>Makes a builder with everything registered.</summary>
    /// <param name="args">The command line.</param>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        builder.AddCas();
        return builder;
    }
}
