using System.Net;
using System.Text.Json;
using CasFunctions.Tests.Http;

namespace CasFunctions.Tests.Soak.Actors;

/// <summary>An owner who never leaves the backends alone: rotates, selects, adds, deletes, purges and checks them.</summary>
internal sealed class Administrator(string name, SoakWorld world, int seed, SoakOrganization organization) : Actor(name, world, seed)
{
    private const int MostAdded = 3;

    private static readonly string[] Providers = ["azure-blob", "aws-s3", "oci"];

    private readonly List<SoakBackend> _added = [];
    private int _number;

    private SoakBackend Main => organization.Backends[0];

    private SoakBackend Spare => organization.Backends[1];

    protected override async Task StepAsync(CancellationToken stop)
    {
        var reply = await (Random.Next(12) switch
        {
            0 or 1 => RotateAsync(),
            2 => RotateWronglyAsync(),
            3 => ChangeAsync("swap", Chance(50) ? Main : Spare, new { @default = true, swap = true, force = Chance(50) }),
            4 => ChangeAsync("make default", Main, new { @default = true, force = true }),
            5 => ChangeAsync("make fallback", Chance(50) ? Main : Spare, new { fallback = Chance(80), force = true }),
            6 => CallAsync("validate", organization, tenant => tenant.PostAsync($"/v1/backends/{Choose().Name}/validation", new { })),
            7 or 8 => AddAsync(),
            9 => RemoveAsync(),
            10 => PurgeAsync(),
            _ => ListAsync(),
        });
        World.Journal.Count("administration");
        await PauseAsync(reply, stop);
    }

    private SoakBackend Choose() => _added.Count > 0 && Chance(30) ? _added[Random.Next(_added.Count)] : Chance(50) ? Main : Spare;

    private Task<ApiReply?> ChangeAsync(string what, SoakBackend backend, object change) =>
        CallAsync($"{what} {backend.Name}", organization, tenant => tenant.PatchAsync($"/v1/backends/{backend.Name}", change));

    /// <summary>Gives a backend other credentials, and revokes the former ones at the store as soon as that is answered.</summary>
    private async Task<ApiReply?> RotateAsync()
    {
        var backend = Chance(50) ? Main : Spare;
        var credentials = await World.Stores.NewCredentialsAsync(backend, organization.Name);
        var reply = await ChangeAsync("rotate", backend, new { credentials });
        var sharesUsers = _added.Any(added => added.Provider == "oci");
        if (reply?.Status == HttpStatusCode.OK && backend.Provider == "oci" && !sharesUsers)
        {
            await World.Stores.RevokeFormerAsync(organization.Name, credentials);
        }

        return reply;
    }

    private async Task<ApiReply?> RotateWronglyAsync()
    {
        var backend = Chance(50) ? Main : Spare;
        var account = World.Stores.AzureProxy.Through(World.Stores.Azurite.ConnectionString);
        object credentials = backend.Provider switch
        {
            "oci" => new { username = "nobody", password = "wrong" },
            "aws-s3" => new { accessKeyId = "NOBODY", secretAccessKey = "wrong", region = "us-east-1" },
            _ => new { connectionString = account.Replace("AccountKey=E", "AccountKey=F", StringComparison.Ordinal) },
        };
        var reply = await ChangeAsync("rotate wrongly", backend, new { credentials });
        return reply?.Status == HttpStatusCode.OK ? throw Violation($"Wrong credentials were taken for {backend.Name}.") : reply;
    }

    private async Task<ApiReply?> AddAsync()
    {
        if (_added.Count >= MostAdded)
        {
            return await RemoveAsync();
        }

        var number = _number++;
        var backend = new SoakBackend($"x{number}", Providers[Random.Next(Providers.Length)], $"{organization.Name}-x{number}");
        var description = await World.PrepareAsync(organization, backend, CancellationToken.None);
        _added.Add(backend);
        var reply = await CallAsync(
            $"add {backend.Name} ({backend.Provider})", organization, tenant => tenant.PostAsync("/v1/backends", description));
        object selection = Chance(50) ? new { @default = true } : new { fallback = true };
        return reply?.Status == HttpStatusCode.Created && Chance(70) ? await ChangeAsync("select", backend, selection) : reply;
    }

    /// <summary>Deletes a backend, which archives it when it holds artifacts: these stay readable.</summary>
    private async Task<ApiReply?> RemoveAsync()
    {
        if (_added.Count == 0)
        {
            return null;
        }

        var backend = _added[Random.Next(_added.Count)];
        return await CallAsync($"delete {backend.Name}", organization, tenant => tenant.DeleteAsync($"/v1/backends/{backend.Name}"));
    }

    private async Task<ApiReply?> PurgeAsync()
    {
        if (_added.Count == 0)
        {
            return null;
        }

        var backend = _added[Random.Next(_added.Count)];
        Model.Purge(organization.Name, backend.Name);
        var path = $"/v1/backends/{backend.Name}?purge=true";
        var reply = await CallAsync($"purge {backend.Name}", organization, tenant => tenant.DeleteAsync(path));
        if (reply?.Status is HttpStatusCode.OK or HttpStatusCode.NotFound)
        {
            _added.Remove(backend);
        }

        return reply;
    }

    private async Task<ApiReply?> ListAsync()
    {
        var reply = await CallAsync("list backends", organization, tenant => tenant.GetAsync("/v1/backends"));
        if (reply?.Status == HttpStatusCode.OK)
        {
            var backends = reply.Json.GetProperty("backends").EnumerateArray().ToList();
            var defaults = backends.Where(backend => backend.GetProperty("default").GetBoolean()).Select(NameOf).ToList();
            var fallbacks = backends.Where(backend => backend.GetProperty("fallback").GetBoolean()).Select(NameOf).ToList();
            if (defaults.Count > 1 || fallbacks.Count > 1 || defaults.Intersect(fallbacks, StringComparer.Ordinal).Any())
            {
                throw Violation($"The selection is not one default and another fallback: {reply.Json}");
            }
        }

        return reply;
    }

    private static string? NameOf(JsonElement backend) => backend.GetProperty("name").GetString();
}
