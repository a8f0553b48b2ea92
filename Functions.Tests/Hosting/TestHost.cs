using CasFunctions.LocalHost;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CasFunctions.Tests.Hosting;

/// <summary>A running host of the given function classes on a free port, and a client for it.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private TestHost(IHost host)
    {
        Host = host;
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new HttpClient { BaseAddress = new Uri(address) };
    }

    public IHost Host { get; }

    public HttpClient Client { get; }

    public static IHost Build(Type[] functions, Action<FunctionsApplicationBuilder>? configure = null, params string[] args)
    {
        var builder = FunctionsApplication.CreateBuilder(["--urls", "http://127.0.0.1:0", .. args]);
        builder.ConfigureFunctionsWebApplication();
        builder.Services.AddSingleton(new FunctionTypes(functions));
        configure?.Invoke(builder);
        return builder.Build();
    }

    public static async Task<TestHost> StartAsync(
        Type[] functions, Action<FunctionsApplicationBuilder>? configure = null, params string[] args)
    {
        var host = Build(functions, configure, args);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new TestHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)Host).DisposeAsync();
    }
}
