using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Security;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Uploads.Appends;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace CasFunctions.Tests.Telemetry;

/// <summary>What the service exports, as collectors receive it from a process of its own.</summary>
public sealed class TelemetryTests(TestServices services)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_callers_trace_goes_through_to_the_calls_of_the_store()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var store = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasProcess.StartAsync(services, collector.Settings, ports: [store.Address.Port]);
        var tenant = await TenantThroughAsync(service, store);
        var content = RandomNumberGenerator.GetBytes(2000);
        var upload = await tenant.NewUploadAsync(Sha256Digest.Of(content), content.Length);
        var trace = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var caller = RandomNumberGenerator.GetHexString(16, lowercase: true);

        // The caller does not record its trace, which is no reason for the service not to.
        (await tenant.PutAsync(upload, content, fields: ("traceparent", $"00-{trace}-{caller}-00"))).Expect(HttpStatusCode.Created);

        ExportedSpan? request = null;
        await UntilAsync(() => (request = collector.Spans.FirstOrDefault(span => span.TraceId == trace && span.Kind == 2)) is not null);
        Assert.Equal(("PUT /v1/uploads/{id}", caller), (request!.Name, request.ParentId));
        Assert.Equal("201", request.Attributes["http.response.status_code"]);
        Assert.Equal("/v1/uploads/{id}", request.Attributes["http.route"]);
        var put = Assert.Single(collector.Spans, span => span.TraceId == trace && span.Name == "put azure-blob");
        Assert.Equal(request.Id, put.ParentId);
        Assert.Contains(
            collector.Spans,
            span => span.ParentId == put.Id && span.Name == "PUT" && span.Attributes["server.address"] == store.Address.Host);

        // Azure's library writes the field itself, with the span above its call.
        Assert.Contains(store.Requests, sent => sent.Method == "PUT" && sent.TraceParent == $"00-{trace}-{put.Id}-01");
    }

    [Fact]
    public async Task Numbers_tell_of_uploads_downloads_failures_and_refusals_and_name_nobody()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var store = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasProcess.StartAsync(services, collector.Settings, ports: [store.Address.Port]);
        var tenant = await TenantThroughAsync(service, store);
        (await tenant.PatchAsync("/v1/backends/inline", new { fallback = true })).Expect(HttpStatusCode.OK);
        var content = RandomNumberGenerator.GetBytes(3000);
        var digest = Sha256Digest.Of(content);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.OK);
        (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK);
        (await tenant.GetAsync("/v1/artifacts", ApiToken.Create())).Expect(HttpStatusCode.Unauthorized);
        (await tenant.PostAsync("/v1/backends/azure/validation", new { })).Expect(HttpStatusCode.OK);
        var stored = tenant.Container.GetBlobClient((await tenant.BlobsAsync()).Single());
        await stored.UploadAsync(new BinaryData(new byte[3000]), overwrite: true, Cancellation);
        (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.BadGateway);
        store.Break(_ => true, Fault.Cut);
        (await tenant.PutArtifactAsync(RandomNumberGenerator.GetBytes(100))).Expect(HttpStatusCode.Created);
        (await tenant.PostAsync("/v1/backends/azure/validation", new { })).Expect(HttpStatusCode.OK);

        (string Name, (string, string)[] Attributes, double Least)[] expected =
        [
            ("cas.upload.io", [], 3100),
            ("cas.upload.duration", [], 2),
            ("cas.upload.deduplicated", [], 1),
            ("cas.upload.failovers", [], 1),
            ("cas.upload.memory.limit", [], 1),
            ("cas.download.io", [], 3000),
            ("cas.download.duration", [], 1),
            ("cas.verification.failures", [], 1),
            ("cas.problems", [("cas.problem.code", "unauthorized"), ("http.response.status_code", "401")], 1),
            ("cas.provider.operation.duration", [("cas.provider", "azure-blob"), ("cas.provider.operation", "read")], 1),
            ("cas.provider.operation.duration", [("cas.provider.operation", "put"), ("error.type", "unreachable")], 1),
            ("cas.backend.probes", [("cas.provider", "azure-blob"), ("cas.probe.outcome", "passed")], 1),
            ("cas.backend.transitions", [("cas.provider", "azure-blob"), ("cas.backend.status", "invalid")], 1),
            ("http.server.request.duration", [("http.route", "v1/artifacts/{digest}"), ("http.response.status_code", "201")], 2),
            ("dotnet.gc.collections", [], 0),
        ];
        foreach (var (name, attributes, least) in expected)
        {
            await UntilAsync(() => collector.Points.Any(point => point.Metric == name && point.Value >= least
                && attributes.All(pair => point.Attributes.GetValueOrDefault(pair.Item1)?.TrimStart('/') == pair.Item2)));
        }

        // Everything that has a value from outside has few of them.
        Assert.DoesNotContain(
            collector.Points.SelectMany(point => point.Attributes.Values),
            value => new[] { tenant.Name, digest.Hex, tenant.Container.Name }.Any(name => value.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Neither_spans_nor_metrics_nor_logs_hold_a_session_or_a_secret()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var store = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        var settings = new Dictionary<string, string>(collector.Settings, StringComparer.Ordinal) { ["Logging:LogLevel:Default"] = "Trace" };
        await using var service = await CasProcess.StartAsync(services, settings, ports: [store.Address.Port]);
        var tenant = await TenantThroughAsync(service, store);
        var content = RandomNumberGenerator.GetBytes(5000);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, content.Length);
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, 2000), complete: false)).Expect(HttpStatusCode.NoContent);
        await tenant.HeadIetfAsync(upload);
        (await tenant.GetAsync(upload)).Expect(HttpStatusCode.OK);
        (await tenant.AppendIetfAsync(upload, 2000, content.AsMemory(2000), complete: true)).Expect(HttpStatusCode.Created);
        (await tenant.DeleteAsync(upload)).Expect(HttpStatusCode.Conflict);
        (await tenant.SendAsync(new HttpMethod("BREW"), upload, null, null)).Expect(HttpStatusCode.NotFound);
        (await tenant.SendAsync(HttpMethod.Get, upload + "/more?token=" + tenant.OwnerToken, null, null)).Expect(HttpStatusCode.NotFound);
        (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK);
        var link = (await tenant.PostAsync($"/v1/artifacts/{digest}/links", new { })).Expect(HttpStatusCode.Created)["url"]!;
        (await tenant.SendAsync(HttpMethod.Get, link, null, null)).Expect(HttpStatusCode.OK);
        var wrong = ApiToken.Create();
        (await tenant.GetAsync("/v1/artifacts", wrong)).Expect(HttpStatusCode.Unauthorized);
        store.Break(_ => true, Fault.Cut);
        var failed = (await tenant.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");

        // The last request's entries are there, with its trace, and so are the others'.
        var trace = failed["traceId"];
        await UntilAsync(() => collector.Spans.Any(span => span.TraceId == trace && span.Kind == 2));
        await UntilAsync(() => collector.Logs.Any(entry => entry.TraceId == trace && entry.Body.StartsWith("A copy", StringComparison.Ordinal)));
        await UntilAsync(() => collector.Points.Any(point => point.Attributes.Values.Contains("backend-unavailable", StringComparer.Ordinal)));
        Assert.Contains(collector.Spans, span => span.Name == "PATCH /v1/uploads/{id}");
        Assert.Contains(collector.Spans, span => span.Name == "GET /v1/links/{id}");
        string[] secrets =
        [
            upload.Split('/')[^1], link.Split('/')[^1], tenant.OwnerToken, wrong, CasSettings.RootKey, Azurite.AccountKey, "sig=",
        ];
        foreach (var secret in secrets)
        {
            foreach (var form in new[] { secret, Uri.EscapeDataString(secret) })
            {
                Assert.DoesNotContain(collector.Everything, text => text.Contains(form, StringComparison.Ordinal));
            }
        }

        Assert.DoesNotContain(collector.Spans, span => span.Attributes.Keys.Any(name => name is "url.full" or "url.path" or "url.query"));
    }

    [Fact]
    public async Task Azure_Monitor_gets_each_request_by_its_route_with_the_status_that_the_alert_counts()
    {
        await using var collector = await OtlpCollector.StartAsync();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = $"InstrumentationKey={Guid.NewGuid()};IngestionEndpoint={collector.Address}",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        };
        await using var service = await CasProcess.StartAsync(services, settings);
        var tenant = await service.NewTenantAsync();
        var content = RandomNumberGenerator.GetBytes(100);
        var upload = await tenant.NewUploadAsync(Sha256Digest.Of(content), content.Length);
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);

        var row = "";
        await UntilAsync(() => (row = collector.Rows.FirstOrDefault(IsUpload) ?? "").Length > 0);

        Assert.Contains("\"responseCode\":\"201\"", row, StringComparison.Ordinal);
        Assert.DoesNotContain(collector.Everything, text => text.Contains(upload.Split('/')[^1], StringComparison.Ordinal));

        static bool IsUpload(string row) => row.Contains("\"RequestData\"", StringComparison.Ordinal)
            && row.Contains("\"name\":\"PUT /v1/uploads/{id}\"", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_setting_nothing_listens()
    {
        await using var service = await CasService.StartAsync(services);

        Assert.Null(service.Services.GetService<TracerProvider>());
        Assert.Null(service.Services.GetService<OpenTelemetry.Metrics.MeterProvider>());
    }

    private static Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(_ => Task.FromResult(condition()), Deadline, Cancellation);

    private async Task<Tenant> TenantThroughAsync(CasProcess service, FaultProxy store)
    {
        var tenant = await service.NewTenantAsync();
        (await tenant.PostAsync("/v1/backends", new
        {
            name = "azure",
            provider = "azure-blob",
            @default = true,
            settings = new { container = tenant.Container.Name },
            credentials = new { connectionString = store.Through((await services.AzuriteAsync()).ConnectionString) },
        })).Expect(HttpStatusCode.Created);
        return tenant;
    }
}
