using CasFunctions.LocalHost;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Hosting;

public sealed class BuilderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public void The_functions_are_those_of_the_assembly_that_asks_for_the_builder()
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        using var services = builder.Services.BuildServiceProvider();

        var types = services.GetRequiredService<FunctionTypes>().Types;

        Assert.Contains(typeof(RouteFunctions), types);
        Assert.All(types, type => Assert.Equal(typeof(BuilderTests).Assembly, type.Assembly));
    }

    [Fact]
    public void The_address_of_Azures_tools_is_the_default()
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.Services.AddSingleton(new FunctionTypes());
        using var host = builder.Build();

        Assert.Equal("http://127.0.0.1:7071", host.Services.GetRequiredService<IConfiguration>()["urls"]);
    }

    [Theory]
    [InlineData("Store:Folder", "/data")]
    [InlineData("Store:Limit", "5")]
    [InlineData("Store:Region", "eu")]
    public void Local_settings_are_read_from_the_folder_above(string key, string expected)
    {
        Write("local.settings.json", """
            {
              // written by hand
              "Values": { "Store__Folder": "/data", "Store:Limit": 5, "Store__Region": "eu" },
            }
            """);

        Assert.Equal(expected, Configure(Directory.CreateDirectory(Path.Combine(_folder, "below", "more")).FullName)[key]);
    }

    [Fact]
    public void Local_settings_rank_below_the_environment_and_above_appsettings()
    {
        Write("local.settings.json", """{ "Values": { "PATH": "local", "Weak": "local" } }""");

        var configuration = Configure(_folder);

        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), configuration["PATH"]);
        Assert.Equal("local", configuration["Weak"]);
    }

    [Fact]
    public void The_search_for_local_settings_ends_at_host_json()
    {
        Write("local.settings.json", """{ "Values": { "Store__Folder": "/data" } }""");
        var below = Directory.CreateDirectory(Path.Combine(_folder, "below")).FullName;
        Write("below/host.json", "{}");

        Assert.Null(Configure(below)["Store:Folder"]);
    }

    [Theory]
    [InlineData("""{ "IsEncrypted": true, "Values": {} }""", "is encrypted")]
    [InlineData("""{ "Values": """, "isn't valid JSON")]
    public void Unreadable_local_settings_are_refused(string content, string reason)
    {
        Write("local.settings.json", content);

        Assert.Contains(
            reason, Assert.Throws<InvalidOperationException>(() => Configure(_folder)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ConfigurationManager Configure(string folder)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("Weak", "appsettings")]);
        configuration.AddEnvironmentVariables();
        LocalSettings.AddTo(configuration, folder);
        return configuration;
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}
