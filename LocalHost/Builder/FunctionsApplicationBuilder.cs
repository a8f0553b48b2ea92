using System.Reflection;
using CasFunctions.LocalHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Collects services and settings, then builds the host. Behind it stands a plain ASP.NET Core application.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder
{
    private const string DefaultAddress = "http://127.0.0.1:7071";

    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    private readonly WebApplicationBuilder _web;

    internal FunctionsApplicationBuilder(string[] args, Assembly app)
    {
        _web = WebApplication.CreateSlimBuilder(args);
        _web.WebHost.UseKestrelHttpsConfiguration();
        LocalSettings.AddTo(_web.Configuration, Directory.GetCurrentDirectory());
        Services.TryAddSingleton(TimeProvider.System);
        Services.AddSingleton(new FunctionTypes(app.GetTypes()));
        Services.AddSingleton<FunctionCatalog>();
        Services.AddSingleton<TimerService>();
        Services.AddHostedService(services => services.GetRequiredService<TimerService>());
    }

    /// <inheritdoc/>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    /// <summary>The settings. From weak to strong: appsettings.json, local.settings.json, the environment, the command line.</summary>
    public ConfigurationManager Configuration => _web.Configuration;

    IConfigurationManager IHostApplicationBuilder.Configuration => _web.Configuration;

    /// <inheritdoc/>
    public IHostEnvironment Environment => _web.Environment;

    /// <inheritdoc/>
    public ILoggingBuilder Logging => _web.Logging;

    /// <inheritdoc/>
    public IMetricsBuilder Metrics => _web.Metrics;

    /// <inheritdoc/>
    public IServiceCollection Services => _web.Services;

    internal bool ServesHttp { get; set; }

    /// <summary>Builds the host.</summary>
    /// <exception cref="InvalidOperationException">A function can't be run by this host; the message names each and says why.</exception>
    public IHost Build()
    {
        if (AddressKeys.All(key => string.IsNullOrEmpty(Configuration[key]))
            && !Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            Configuration["urls"] = DefaultAddress;
        }

        // What executes action results makes a host without them slower to start and larger.
        var types = (FunctionTypes)Services.Last(service => service.ServiceType == typeof(FunctionTypes)).ImplementationInstance!;
        if (FunctionCatalog.MethodsOf(types).Any(method => FunctionResult.IsAction(method.ReturnType)))
        {
            Services.AddMvcCore();
        }

        var app = _web.Build();
        var catalog = app.Services.GetRequiredService<FunctionCatalog>();
        if (catalog.Http.Count > 0 && !ServesHttp)
        {
            throw new InvalidOperationException("The app has HTTP functions: call ConfigureFunctionsWebApplication() on the builder.");
        }

        HttpEndpoints.Map(app, catalog);
        return app;
    }

    /// <inheritdoc/>
    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);
}
