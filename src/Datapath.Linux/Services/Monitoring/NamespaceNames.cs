using System.Diagnostics;
using System.Globalization;
using Datapath.Linux.Namespaces;

namespace Datapath.Linux.Services;

/// <summary>
/// Names network namespaces by their cookies: by a name below /run/netns, otherwise by one process inside. Those of the machine are looked through when
/// an unknown one dials, and not again soon: that enters each.
/// </summary>
internal sealed class NamespaceNames
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);
    private readonly Dictionary<ulong, string> _names = [];
    private long? _lookedAt;

    /// <summary>The name; <see langword="null"/> if nothing with a path holds the namespace.</summary>
    public string? NameOf(ulong cookie)
    {
        if (_names.TryGetValue(cookie, out var name))
            return name;
        if (_lookedAt is { } before && Stopwatch.GetElapsedTime(before) < s_pause)
            return null;
        Look();
        _lookedAt = Stopwatch.GetTimestamp();
        return _names.GetValueOrDefault(cookie);
    }

    private void Look()
    {
        _names.Clear();
        foreach (var info in NetworkNamespaceInfo.List())
        {
            if (NameOf(info) is not { } name)
                continue; // only descriptors of this process hold it
            using var opened = info.TryOpen();
            if (opened is not null)
                _names[opened.Cookie] = name;
        }
    }

    private static string? NameOf(NetworkNamespaceInfo info)
    {
        var path = info.MountPoints.OrderByDescending(static path => Path.GetDirectoryName(path) == NetworkNamespace.NamesFolder).FirstOrDefault();
        if (path is not null)
            return Path.GetFileName(path);
        return info.ProcessIds is [var id, ..] ? string.Create(CultureInfo.InvariantCulture, $"pid {id}") : null;
    }
}
