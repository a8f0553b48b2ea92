using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary><c>cas attest</c></summary>
public sealed class AttestCommandTests(TestServices services, RunningService running)
{
    private const string PayloadType = "application/vnd.in-toto+json";

    private readonly byte[] _content = RandomNumberGenerator.GetBytes(1000);

    private string Digest => Sha256Digest.Of(_content).ToString();

    [Fact]
    public async Task Materials_are_the_descriptors_with_inline_content_embedded()
    {
        var tenant = await running.NewTenantAsync(services);
        (await tenant.PutArtifactAsync(_content, "sbom.json")).Expect(HttpStatusCode.Created);
        using var cas = new CasProgram(tenant);
        var binary = RandomNumberGenerator.GetBytes(500_000);
        cas.Write("app \"1\".bin", binary);

        var run = (await cas.RunAsync("attest", "--subject-file", "app \"1\".bin", "--material", Digest)).Expect(0);

        var statement = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("https://in-toto.io/Statement/v1", statement.GetProperty("_type").GetString());
        var subject = Assert.Single(statement.GetProperty("subject").EnumerateArray());
        Assert.Equal("app \"1\".bin", subject.GetProperty("name").GetString());
        Assert.Equal(Sha256Digest.Of(binary).Hex, subject.GetProperty("digest").GetProperty("sha256").GetString());
        Assert.Equal("https://in-toto.io/attestation/link/v0.3", statement.GetProperty("predicateType").GetString());
        var material = Assert.Single(statement.GetProperty("predicate").GetProperty("materials").EnumerateArray());
        Assert.True(JsonElement.DeepEquals((await tenant.GetAsync($"/v1/artifacts/{Digest}/descriptor")).Json, material));
        Assert.Equal(_content, material.GetProperty("content").GetBytesFromBase64());
    }

    [Fact]
    public async Task An_envelope_holds_the_statement_and_the_encoding_is_what_a_signer_signs()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        (await tenant.PutArtifactAsync(_content, "über.json")).Expect(HttpStatusCode.Created);
        using var cas = new CasProgram(tenant);
        cas.Write("predicate.json", """{"buildType":"https://example.com/build","ok":true}"""u8.ToArray());
        string[] arguments = ["attest", "--subject", Digest, "--predicate-type", "https://example.com/predicate/v1", "--predicate", "predicate.json"];

        (await cas.RunAsync([.. arguments, "--output", "statement.json"])).Expect(0);
        var envelope = JsonDocument.Parse((await cas.RunAsync([.. arguments, "--form", "dsse"])).Expect(0).Output).RootElement;
        var encoded = (await cas.RunAsync([.. arguments, "--form", "pae"])).Expect(0).Output;

        var statement = await File.ReadAllBytesAsync(Path.Combine(cas.Folder, "statement.json"), TestContext.Current.CancellationToken);
        var predicate = JsonDocument.Parse(statement).RootElement.GetProperty("predicate");
        Assert.Equal("""{"buildType":"https://example.com/build","ok":true}""", predicate.GetRawText());
        Assert.Equal(PayloadType, envelope.GetProperty("payloadType").GetString());
        Assert.Equal(statement, envelope.GetProperty("payload").GetBytesFromBase64());
        Assert.Empty(envelope.GetProperty("signatures").EnumerateArray());
        Assert.Equal([.. Encoding.UTF8.GetBytes($"DSSEv1 28 {PayloadType} {statement.Length} "), .. statement], encoded);
    }

    [Fact]
    public async Task Inline_content_that_the_token_may_not_read_is_not_left_out_silently()
    {
        var tenant = await running.NewTenantAsync(services);
        (await tenant.PutArtifactAsync(_content)).Expect(HttpStatusCode.Created);
        using var uploader = new CasProgram(tenant.Address, await tenant.NewTokenAsync("uploader"));

        var run = (await uploader.RunAsync("attest", "--subject", Digest)).Expect(3);

        Assert.Empty(run.Output);
        Assert.Contains("downloader", run.Errors, StringComparison.Ordinal);
    }
}
