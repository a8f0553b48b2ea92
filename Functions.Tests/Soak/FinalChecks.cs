using System.Net;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Soak;

/// <summary>What has to be true when all is healed: every artifact that was acknowledged is there and right, and nothing else is.</summary>
internal sealed class FinalChecks(SoakWorld world)
{
    private const string Actor = "checks";
    private const int AtOnce = 4;
    private const int PageSize = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly SharedRandom _random = new(world.Plan.Seed);

    /// <summary>Checks everything.</summary>
    public async Task RunAsync()
    {
        await ValidateAsync();
        var all = world.Model.Acknowledged;
        var some = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(all, some, async (artifact, _) => await CheckArtifactAsync(artifact));
        await Parallel.ForEachAsync(
            world.Model.Wrong, some, async (wrong, _) => await CheckAbsentAsync(Find(wrong.Organization), wrong.Digest));
        foreach (var artifact in all.Where(_ => _random.Next(5) == 0))
        {
            var other = world.Organizations[_random.Next(world.Organizations.Count)];
            if (!world.Model.IsPossible(other.Name, artifact.Content.Digest))
            {
                await CheckAbsentAsync(other, artifact.Content.Digest);
            }
        }

        foreach (var organization in world.Organizations)
        {
            await CheckListingAsync(organization);
            await CheckUsageAsync(organization);
        }
    }

    /// <summary>Brings the backends back from what the faults made of them.</summary>
    private async Task ValidateAsync()
    {
        foreach (var organization in world.Organizations)
        {
            foreach (var name in (string[])["main", "spare"])
            {
                var path = $"/v1/backends/{name}";
                await EventuallyAsync(
                    $"{name} of {organization.Name} is healthy again",
                    async () =>
                    {
                        await CallAsync(organization, tenant => tenant.PostAsync(path + "/validation", new { }));
                        var reply = await CallAsync(organization, tenant => tenant.GetAsync(path));
                        return reply.Status == HttpStatusCode.OK && reply["status"] == "healthy";
                    });
            }
        }
    }

    private async Task CheckArtifactAsync(KnownArtifact artifact)
    {
        var organization = Find(artifact.Organization);
        var digest = artifact.Content.Digest;
        var path = $"/v1/artifacts/{digest}";
        if (world.Model.IsReadable(organization.Name, digest))
        {
            // Answers that were altered on their way made right copies look wrong: reading them again puts that right.
            var backends = string.Join(" or ", world.Model.RightBackends(organization.Name, digest));
            await EventuallyAsync(
                $"{digest} of {organization.Name} is readable, from {backends}",
                async () =>
                {
                    if (await IsDeliveredAsync(organization, digest))
                    {
                        return true;
                    }

                    await CallAsync(organization, tenant => tenant.PostAsync(path + "/verification", new { }));
                    return await IsDeliveredAsync(organization, digest);
                });
            world.Journal.Count("final: right");
        }
        else if (world.Model.IsCertain(organization.Name, digest))
        {
            await CheckHealingAsync(organization, artifact.Content);
        }
        else
        {
            await IsDeliveredAsync(organization, digest);
            world.Journal.Count("final: purged");
        }
    }

    /// <summary>All copies were altered: the artifact is never delivered wrong, and another upload puts it right.</summary>
    private async Task CheckHealingAsync(SoakOrganization organization, SoakContent content)
    {
        world.Journal.Count("final: altered at the store");
        await EventuallyAsync(
            $"{content.Digest} of {organization.Name} is healed",
            async () =>
            {
                if (await IsDeliveredAsync(organization, content.Digest))
                {
                    return true;
                }

                await CallAsync(organization, tenant => tenant.PostAsync($"/v1/artifacts/{content.Digest}/verification", new { }));

                // A registry does not take the same blob again: there the content stays lost, and goes to another backend.
                await CallAsync(organization, tenant => tenant.PutArtifactAsync(content.Bytes()));
                if (await IsDeliveredAsync(organization, content.Digest))
                {
                    return true;
                }

                await UploadElsewhereAsync(organization, content);
                return await IsDeliveredAsync(organization, content.Digest);
            });
    }

    private async Task UploadElsewhereAsync(SoakOrganization organization, SoakContent content)
    {
        var other = organization.Backends.Take(2).First(backend => backend.Provider != "oci");
        var created = await CallAsync(organization, tenant => tenant.CreateUploadAsync(content.Digest, content.Size, backend: other.Name));
        if (created.Status == HttpStatusCode.Created)
        {
            await CallAsync(organization, tenant => tenant.PutAsync(created["uploadUrl"]!, content.Bytes()));
        }
    }

    private async Task<bool> IsDeliveredAsync(SoakOrganization organization, Sha256Digest digest)
    {
        try
        {
            var reply = await CallAsync(organization, tenant => tenant.GetAsync($"/v1/artifacts/{digest}"));
            return reply.Status == HttpStatusCode.OK && Sha256Digest.Of(reply.Body) != digest
                ? throw Violation($"{digest} of {organization.Name} arrived complete with other bytes.")
                : reply.Status == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task CheckAbsentAsync(SoakOrganization organization, Sha256Digest digest)
    {
        foreach (var part in (string[])["", "/descriptor"])
        {
            var reply = await CallAsync(organization, tenant => tenant.GetAsync($"/v1/artifacts/{digest}{part}"));
            if (reply.Status != HttpStatusCode.NotFound)
            {
                throw Violation($"{digest} is not there in {organization.Name}, but was answered {(int)reply.Status}.");
            }
        }

        world.Journal.Count("final: absent");
    }

    /// <summary>Every artifact that is there is listed, and every line leads to one.</summary>
    private async Task CheckListingAsync(SoakOrganization organization)
    {
        var listed = new HashSet<Sha256Digest>();
        for (var after = ""; after is not null;)
        {
            var page = await CallAsync(organization, tenant => tenant.GetAsync($"/v1/artifacts?limit={PageSize}{after}"));
            var lines = page.Expect(HttpStatusCode.OK).Json.GetProperty("artifacts").EnumerateArray();
            listed.UnionWith(lines.Select(line => Parse(line.GetProperty("digest").GetString())));
            after = page["next"] is { } next ? "&after=" + next : null;
        }

        foreach (var artifact in world.Model.Acknowledged.Where(artifact => artifact.Organization == organization.Name))
        {
            var digest = artifact.Content.Digest;
            if (world.Model.IsCertain(organization.Name, digest) && !listed.Contains(digest))
            {
                throw Violation($"{digest} was acknowledged, but {organization.Name} does not list it.");
            }
        }

        foreach (var digest in listed)
        {
            var reply = await CallAsync(organization, tenant => tenant.GetAsync($"/v1/artifacts/{digest}/descriptor"));
            if (reply.Status != HttpStatusCode.OK || !world.Model.IsPossible(organization.Name, digest))
            {
                throw Violation($"{organization.Name} lists {digest}, whose descriptor is answered {(int)reply.Status}.");
            }

            world.Journal.Count("final: listed");
        }
    }

    /// <summary>Counts may be lost with a killed instance, but nothing is counted that was not done.</summary>
    private async Task CheckUsageAsync(SoakOrganization organization)
    {
        var usage = (await CallAsync(organization, tenant => tenant.GetAsync("/v1/usage"))).Expect(HttpStatusCode.OK);
        var uploaded = usage.Json.GetProperty("totals").EnumerateArray().Sum(backend => backend.GetProperty("uploadedBytes").GetInt64());
        if (uploaded > world.Model.BytesSent)
        {
            throw Violation($"{organization.Name} is said to have uploaded {uploaded} bytes of {world.Model.BytesSent} sent.");
        }
    }

    private SoakOrganization Find(string name) => world.Organizations.Single(organization => organization.Name == name);

    private Sha256Digest Parse(string? text) =>
        Sha256Digest.TryParse(text, out var digest) ? digest : throw Violation($"'{text}' is listed.");

    private async Task<ApiReply> CallAsync(SoakOrganization organization, Func<Tenant, Task<ApiReply>> call)
    {
        var instance = world.ChooseInstance(_random);
        var reply = await call(organization.Tenant.At(instance.Address));
        return reply.Status == HttpStatusCode.InternalServerError
            ? throw Violation($"A call failed at the end: {System.Text.Encoding.UTF8.GetString(reply.Body)}")
            : reply;
    }

    private async Task EventuallyAsync(string what, Func<Task<bool>> condition)
    {
        try
        {
            await Eventually.TrueAsync(_ => condition(), Patience);
        }
        catch (TimeoutException)
        {
            throw Violation($"It never came true that {what}.");
        }
    }

    private ViolationException Violation(string message) => world.Journal.Violation(Actor, message);
}
