using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>A program at one direction of a device. With pins it stays there after the process, and the next one replaces it in its place.</summary>
internal sealed class NatHook : IDisposable
{
    private readonly TcAttachment _attachment;
    private readonly BpfProgram _program;
    private readonly PinFolder? _pins;
    private readonly TcAttachmentOptions _options;

    private NatHook(TcAttachment attachment, BpfProgram program, PinFolder? pins, TcAttachmentOptions options) =>
        (_attachment, _program, _pins, _options) = (attachment, program, pins, options);

    private static (string Program, TcxDirection Direction, TcPosition Position)[] Places { get; } =
    [
        // First, so that the answer to a source is nobody else's: a service's on the same port, for example. And before the other, so that no flow
        // begins whose answers are not taken back.
        (MasqueradeObject.Ingress, TcxDirection.Ingress, TcPosition.First),
        (MasqueradeObject.Egress, TcxDirection.Egress, TcPosition.Last),
    ];

    /// <summary>The name of the program.</summary>
    public string Program => _program.Name;

    /// <summary>The link, and the name of its pin; <see langword="null"/> if it is a filter, which has none.</summary>
    public (string Pin, BpfLink Link)? Link => _attachment.Link is { } link ? (PinName(_program.Name, _options.InterfaceIndex), link) : null;

    /// <summary>Whether the program is at the device: it may have been detached, and is when the device is removed. A system call or two; from any thread.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool IsAttached => _attachment.Link is { } link ? link.InterfaceIndex == _options.InterfaceIndex : _attachment.Filter!.Holds(_program.Id);

    /// <summary>Attaches the programs to a device, or replaces those that an earlier process left there.</summary>
    /// <param name="programs">The programs.</param>
    /// <param name="interfaceIndex">The device.</param>
    /// <param name="mechanism">By which mechanism.</param>
    /// <param name="pins">Where the links are pinned; <see langword="null"/> if they are held by the process alone.</param>
    public static NatHook[] AttachAll(BpfObject programs, int interfaceIndex, TcMechanism mechanism, PinFolder? pins)
    {
        var hooks = new List<NatHook>();
        try
        {
            foreach (var (name, direction, position) in Places)
            {
                hooks.Add(Attach(programs.Programs[name], pins, new()
                {
                    InterfaceIndex = interfaceIndex,
                    Direction = direction,
                    Position = position,
                    Mechanism = mechanism,
                    Name = pins is null ? null : FilterName(name, pins),
                }));
            }

            return [.. hooks];
        }
        catch
        {
            foreach (var hook in hooks)
                hook.Dispose();
            throw;
        }
    }

    /// <summary>Removes what an earlier process left at a device: links, and filters if this is their network namespace.</summary>
    public static void RemoveAll(int interfaceIndex, PinFolder pins)
    {
        foreach (var path in Places.Select(place => LinkPath(pins, place.Program, interfaceIndex)).Where(File.Exists))
            PinFolder.Detach(path);
        RemoveFilters(interfaceIndex, pins);
    }

    /// <summary>Removes the filters that an earlier process left at a device, of whatever programs, if this is their network namespace.</summary>
    public static void RemoveFilters(int interfaceIndex, PinFolder pins) => RemoveFilters(interfaceIndex, pins, static _ => true);

    /// <summary>Removes programs that are none of these: another version had them.</summary>
    /// <param name="pins">The pins.</param>
    /// <param name="devices">The devices, in this network namespace.</param>
    public static void RemoveOthers(PinFolder pins, IEnumerable<int> devices)
    {
        foreach (var path in pins.ListLinks().Where(static path => !Places.Any(place => Path.GetFileName(path).StartsWith(place.Program + '_', StringComparison.Ordinal))))
            PinFolder.Detach(path);
        foreach (var device in devices)
            RemoveFilters(device, pins, static program => Places.All(place => place.Program != program));
    }

    /// <summary>Attaches a program that was detached, in the place that it had.</summary>
    /// <returns>What stands in the place of this one, of which nothing is left. After an exception this one is as it was.</returns>
    /// <exception cref="LinuxException">The kernel refused; ENODEV if the device is gone.</exception>
    public NatHook AttachAgain()
    {
        var again = Attach(_program, _pins, _options);
        _attachment.Leave();
        return again;
    }

    /// <summary>Detaches the program.</summary>
    public void Remove()
    {
        if (_attachment.Link is { } link && _pins is not null)
        {
            link.Detach();
            var path = LinkPath(_pins, _program.Name, _options.InterfaceIndex);
            if (_pins.IsInPlace && File.Exists(path)) // else somebody deleted it
                File.Delete(path);
        }

        _attachment.Dispose();
    }

    /// <summary>Lets go: what is pinned stays, all else is detached.</summary>
    public void Dispose()
    {
        if (_pins is not null)
            _attachment.Leave();
        else
            _attachment.Dispose();
    }

    private static NatHook Attach(BpfProgram program, PinFolder? pins, TcAttachmentOptions options)
    {
        // Where the pins were taken away packets are translated all the same, though only as long as this process lives.
        if (pins is null || !pins.IsInPlace)
            return new(TcAttachment.Attach(program, options), program, pins, options);
        var path = LinkPath(pins, program.Name, options.InterfaceIndex);
        if (TryAdopt(program, path, options.InterfaceIndex) is { } adopted)
            return new(adopted, program, pins, options);
        var attachment = TcAttachment.Attach(program, options);
        try
        {
            attachment.Link?.Pin(path);
            return new(attachment, program, pins, options);
        }
        catch
        {
            attachment.Dispose();
            throw;
        }
    }

    private static TcAttachment? TryAdopt(BpfProgram program, string path, int interfaceIndex)
    {
        if (!File.Exists(path))
            return null;
        var pinned = BpfLink.OpenPinned(path);
        if (pinned is TcxLink link && link.InterfaceIndex == interfaceIndex)
        {
            link.Update(program);
            return new(link);
        }

        pinned.Dispose(); // of a device that had the number before
        File.Delete(path);
        return null;
    }

    private static string LinkPath(PinFolder pins, string program, int interfaceIndex) => pins.LinkPath(PinName(program, interfaceIndex));

    private static string PinName(string program, int interfaceIndex) => $"{program}_{interfaceIndex}";

    private static string FilterName(string program, PinFolder pins) => $"{program} {pins.Path}";

    private static void RemoveFilters(int interfaceIndex, PinFolder pins, Func<string, bool> isMeant)
    {
        foreach (var direction in new[] { TcxDirection.Egress, TcxDirection.Ingress })
        {
            foreach (var filter in TcFilter.Query(interfaceIndex, direction).Where(filter => filter.Name.Split(' ', 2) is [var program, var path] && path == pins.Path && isMeant(program)))
            {
                TcFilter.Open(new() { InterfaceIndex = interfaceIndex, Direction = direction, Priority = (ushort)filter.Priority, Handle = filter.Handle, Name = filter.Name })
                    .Dispose();
            }
        }
    }
}
