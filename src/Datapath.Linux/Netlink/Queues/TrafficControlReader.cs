using System.Buffers.Binary;

namespace Datapath.Linux.Netlink;

/// <summary>From the messages of traffic control to disciplines, classes and filters.</summary>
internal static class TrafficControlReader
{
    /// <summary>Reads a queueing discipline; <see langword="null"/> if the message is of something else.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static QueueDiscipline? ReadQueue(NetlinkMessage message)
    {
        if (message.Type is not RtnlTc.RTM_NEWQDISC)
            return null;
        var header = message.ReadHeader<TcMsg>();
        var kind = "";
        QueueOptions? options = null;
        foreach (var attribute in message.AttributesAfter<TcMsg>())
        {
            switch (attribute.Type)
            {
                case RtnlTc.TCA_KIND:
                    kind = attribute.AsString();
                    break;
                case RtnlTc.TCA_OPTIONS: // the kernel writes the kind before
                    options = ReadOptions(kind, attribute);
                    break;
                default:
                    break;
            }
        }

        return new(header.InterfaceIndex, options ?? WithoutOptions(kind)) { Handle = new(header.Handle), Parent = new(header.Parent) };
    }

    /// <summary>Reads a class; <see langword="null"/> if the message is of something else.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static TrafficClass? ReadClass(NetlinkMessage message)
    {
        if (message.Type is not RtnlTc.RTM_NEWTCLASS)
            return null;
        var header = message.ReadHeader<TcMsg>();
        var kind = "";
        foreach (var attribute in message.AttributesAfter<TcMsg>())
        {
            if (attribute.Type is RtnlTc.TCA_KIND)
                kind = attribute.AsString();
        }

        return new(header.InterfaceIndex, kind, new(header.Handle), new(header.Parent)) { Leaf = new(header.Info) };
    }

    /// <summary>Reads a filter; <see langword="null"/> if the message is of something else.</summary>
    /// <param name="message">The message.</param>
    /// <param name="withHeads">Whether the head of a list of filters is read too, which the kernel tells for each priority.</param>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static TrafficFilter? ReadFilter(NetlinkMessage message, bool withHeads = false)
    {
        if (message.Type is not RtnlTc.RTM_NEWTFILTER)
            return null;
        var header = message.ReadHeader<TcMsg>();
        var filter = new TrafficFilter(header.InterfaceIndex, new(header.Parent), "")
        {
            Priority = (ushort)(header.Info >> 16),
            Protocol = BinaryPrimitives.ReverseEndianness((ushort)header.Info),
            Handle = header.Handle,
        };
        var isHead = true;
        foreach (var attribute in message.AttributesAfter<TcMsg>())
        {
            if (attribute.Type is RtnlTc.TCA_KIND)
                filter = filter with { Kind = attribute.AsString() };
            if (attribute.Type is not RtnlTc.TCA_OPTIONS)
                continue;
            isHead = false;
            if (filter.Kind is "bpf")
                filter = ReadProgram(filter, attribute);
        }

        return isHead && !withHeads ? null : filter;
    }

    private static QueueOptions ReadOptions(string kind, NetlinkAttribute options) => kind switch
    {
        "tbf" => TokenBucketOptions.Read(options),
        "fq" => FairQueueOptions.Read(options),
        "fq_codel" => FairCodelOptions.Read(options),
        "netem" => NetworkEmulationOptions.Read(options),
        _ => WithoutOptions(kind),
    };

    private static QueueOptions WithoutOptions(string kind) => kind is "clsact" ? new ClsactOptions() : new OtherQueueOptions(kind);

    private static TrafficFilter ReadProgram(TrafficFilter filter, NetlinkAttribute options)
    {
        foreach (var attribute in options.Nested())
        {
            filter = attribute.Type switch
            {
                RtnlTc.TCA_BPF_NAME => filter with { ProgramName = attribute.AsString() },
                RtnlTc.TCA_BPF_ID => filter with { ProgramId = attribute.As<uint>() },
                _ => filter,
            };
        }

        return filter;
    }
}
