using CasFunctions.Digests;

namespace CasFunctions.Tests.Soak;

/// <summary>An artifact that the service has acknowledged.</summary>
/// <param name="Organization">The organization's name.</param>
/// <param name="Content">Its content.</param>
internal sealed record KnownArtifact(string Organization, SoakContent Content);

/// <summary>What has to be true of the service, by what it has told and by what was done to its stores.</summary>
internal sealed class Model
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Organization, Sha256Digest Digest), Entry> _entries = [];
    private readonly List<KnownArtifact> _acknowledged = [];
    private readonly Dictionary<(string Organization, string Backend), string> _places = [];
    private readonly HashSet<(string Place, Sha256Digest Digest)> _flipped = [];
    private readonly HashSet<(string Organization, string Backend)> _purged = [];
    private readonly HashSet<(string Organization, Sha256Digest Digest)> _wrong = [];

    /// <summary>All artifacts that were acknowledged.</summary>
    public IReadOnlyList<KnownArtifact> Acknowledged
    {
        get
        {
            lock (_gate)
            {
                return [.. _acknowledged];
            }
        }
    }

    /// <summary>The digests for which only wrong content was ever sent.</summary>
    public IReadOnlyList<(string Organization, Sha256Digest Digest)> Wrong
    {
        get
        {
            lock (_gate)
            {
                return [.. _wrong];
            }
        }
    }

    /// <summary>The bytes of all contents that were sent.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Says where a backend keeps its copies; backends on one registry share them.</summary>
    public void Place(string organization, string backend, string place)
    {
        lock (_gate)
        {
            _places[(organization, backend)] = place;
        }
    }

    /// <summary>The right content is about to be sent: from now on it may be readable.</summary>
    public void Attempt(string organization, SoakContent content)
    {
        lock (_gate)
        {
            _entries.TryAdd((organization, content.Digest), new Entry(content));
            _wrong.Remove((organization, content.Digest));
            BytesSent += content.Size;
        }
    }

    /// <summary>Wrong content is about to be sent for this digest.</summary>
    /// <returns>False when right content was sent for it before.</returns>
    public bool AttemptWrong(string organization, Sha256Digest digest)
    {
        lock (_gate)
        {
            if (_entries.ContainsKey((organization, digest)))
            {
                return false;
            }

            _wrong.Add((organization, digest));
            return true;
        }
    }

    /// <summary>The service has said that it has the content, on this backend.</summary>
    /// <returns>False when nobody has ever sent it.</returns>
    public bool Acknowledge(string organization, Sha256Digest digest, string backend)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue((organization, digest), out var entry))
            {
                return false;
            }

            if (entry.Backends.Count == 0)
            {
                _acknowledged.Add(new(organization, entry.Content));
            }

            entry.Backends.Add(backend);
            return true;
        }
    }

    /// <summary>The copy of a content on a backend is about to be altered at the store.</summary>
    public void Flip(string organization, string backend, Sha256Digest digest)
    {
        lock (_gate)
        {
            _flipped.Add((_places[(organization, backend)], digest));
        }
    }

    /// <summary>A backend is about to be purged.</summary>
    public void Purge(string organization, string backend)
    {
        lock (_gate)
        {
            _purged.Add((organization, backend));
        }
    }

    /// <summary>How many backends of an organization were purged.</summary>
    public int Purges(string organization)
    {
        lock (_gate)
        {
            return _purged.Count(backend => backend.Organization == organization);
        }
    }

    /// <summary>Whether an artifact may be readable.</summary>
    public bool IsPossible(string organization, Sha256Digest digest)
    {
        lock (_gate)
        {
            return _entries.ContainsKey((organization, digest));
        }
    }

    /// <summary>Whether an artifact has to be there, altered or not.</summary>
    public bool IsCertain(string organization, Sha256Digest digest)
    {
        lock (_gate)
        {
            return _entries.TryGetValue((organization, digest), out var entry)
                && entry.Backends.Any(backend => !_purged.Contains((organization, backend)));
        }
    }

    /// <summary>Whether an artifact has to be readable: a copy of it was acknowledged that was neither purged nor altered.</summary>
    public bool IsReadable(string organization, Sha256Digest digest) => RightBackends(organization, digest).Count > 0;

    /// <summary>The backends with copies that were acknowledged, and neither purged nor altered.</summary>
    public IReadOnlyList<string> RightBackends(string organization, Sha256Digest digest)
    {
        lock (_gate)
        {
            return _entries.TryGetValue((organization, digest), out var entry)
                ? [.. entry.Backends.Where(backend =>
                    !_purged.Contains((organization, backend)) && !IsFlipped(organization, backend, digest))]
                : [];
        }
    }

    /// <summary>Whether any copy of an artifact was altered at its store.</summary>
    public bool HasFlips(string organization, Sha256Digest digest)
    {
        lock (_gate)
        {
            return _entries.TryGetValue((organization, digest), out var entry)
                && entry.Backends.Any(backend => IsFlipped(organization, backend, digest));
        }
    }

    /// <summary>Chooses an acknowledged artifact, a young one more often; null when there is none.</summary>
    public KnownArtifact? Choose(Random random)
    {
        lock (_gate)
        {
            var from = random.Next(2) == 0 ? Math.Max(0, _acknowledged.Count - 20) : 0;
            return _acknowledged.Count == 0 ? null : _acknowledged[random.Next(from, _acknowledged.Count)];
        }
    }

    private bool IsFlipped(string organization, string backend, Sha256Digest digest) =>
        _places.TryGetValue((organization, backend), out var place) && _flipped.Contains((place, digest));

    private sealed class Entry(SoakContent content)
    {
        public SoakContent Content { get; } = content;

        public HashSet<string> Backends { get; } = new(StringComparer.Ordinal);
    }
}
