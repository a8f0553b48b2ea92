using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CasFunctions.Telemetry;

/// <summary>Registers what the service tells of itself, and where it goes.</summary>
public static class TelemetryRegistration
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Sampler = "OTEL_TRACES_SAMPLER";
    private const string MonitorConnection = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string MonitorIdentity = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>
    /// Adds the metrics, and OpenTelemetry with an exporter for each of the two settings that is there: traces, metrics and logs by OTLP
    /// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its companions), traces and metrics to Azure Monitor
    /// (<c>APPLICATIONINSIGHTS_CONNECTION_STRING</c>; logs get there through the Functions host). Without them nothing listens.
    /// </summary>
    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<CasMetrics>();
        var otlp = !string.IsNullOrEmpty(builder.Configuration[OtlpEndpoint]);
        var monitor = !string.IsNullOrEmpty(builder.Configuration[MonitorConnection]);
        if (!otlp && !monitor)
        {
            return builder;
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                builder.Configuration["OTEL_SERVICE_NAME"] ?? "CasFunctions",
                serviceVersion: typeof(TelemetryRegistration).Assembly.GetName().Version?.ToString(3)))
            .WithTracing(traces => Configure(traces, builder.Configuration))
            .WithMetrics(metrics => metrics.AddMeter(CasMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "System.Runtime"));
        if (otlp)
        {
            telemetry
                .WithTracing(traces => traces.AddOtlpExporter())
                .WithMetrics(metrics => metrics.AddOtlpExporter())
                .WithLogging(logs => logs.AddOtlpExporter(), options => options.IncludeFormattedMessage = true);
        }

        if (monitor)
        {
            var configuration = builder.Configuration;
            telemetry
                .WithTracing(traces => traces.AddAzureMonitorTraceExporter(options => Configure(options, configuration)))
                .WithMetrics(metrics => metrics.AddAzureMonitorMetricExporter(options => Configure(options, configuration)));
        }

        return builder;
    }

    private static void Configure(TracerProviderBuilder traces, IConfiguration configuration)
    {
        traces.AddSource(CasTraces.SourceName, "System.Net.Http").AddProcessor(new AddressRemoval());
        if (string.IsNullOrEmpty(configuration[Sampler]))
        {
            // A caller's traceparent must not choose what the operator sees.
            traces.SetSampler(new AlwaysOnSampler());
        }
    }

    private static void Configure(AzureMonitorExporterOptions options, IConfiguration configuration)
    {
        options.ConnectionString = configuration[MonitorConnection];
        options.Credential = ApplicationInsightsIdentity.Read(configuration[MonitorIdentity]);

        // The alerts count requests.
        options.SamplingRatio = 1;
        options.TracesPerSecond = null;

        // The disk of an instance is small, and what cannot be sent is not worth it.
        options.DisableOfflineStorage = true;
        options.EnableLiveMetrics = false;
        options.EnablePerformanceCounters = false;
    }
}
