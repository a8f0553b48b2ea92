using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CasFunctions.Tests.Http;

namespace CasFunctions.Benchmarks.Servers;

/// <summary>An organization whose default backend is the one to be measured.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Token">A token that may do everything.</param>
internal sealed record BenchOrganization(string Name, string Token)
{
    private static readonly string[] Owners = ["owner@example.com"];

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>Makes one.</summary>
    /// <param name="service">Where the service listens.</param>
    /// <param name="backend">The backend, as the API takes it.</param>
    /// <exception cref="InvalidOperationException">The service refuses.</exception>
    public static async Task<BenchOrganization> CreateAsync(Uri service, object backend)
    {
        var name = "b" + Guid.NewGuid().ToString("n")[..12];
        var created = await PostAsync(new Uri(service, "/v1/organizations"), CasSettings.RootKey, new { name, owners = Owners });
        var organization = new BenchOrganization(name, created.GetProperty("token").GetString()!);
        await PostAsync(new Uri(service, "/v1/backends"), organization.Token, backend);
        return organization;
    }

    private static async Task<JsonElement> PostAsync(Uri address, string token, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(text)
            : throw new InvalidOperationException($"{address.AbsolutePath} answers {(int)answer.StatusCode}: {text}");
    }
}
