using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace FleetManager.FaultLab.Disk;

/// <summary>
/// Puts the faulty disk between SQLite and the operating system's files: registered as SQLite's default file system, a copy of the real one
/// whose writing calls go by <see cref="FaultyDisk"/>. The agent's store runs on it unchanged. One disk at a time.
/// </summary>
internal static unsafe class SqliteVfs
{
    private static readonly ConcurrentDictionary<nint, Opened> s_files = new();
    private static readonly Dictionary<nint, nint> s_ours = [];
    private static VfsNative.Vfs* s_real;

    /// <summary>Where the calls go.</summary>
    public static FaultyDisk? Disk { get; set; }

    public static void Install()
    {
        SQLitePCL.Batteries_V2.Init();
        s_real = VfsNative.Find(0);
        var vfs = (VfsNative.Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(VfsNative.Vfs));
        *vfs = *s_real;
        vfs->Name = (byte*)Marshal.StringToCoTaskMemUTF8("faulty");
        vfs->Next = null;
        vfs->Open = &Open;
        vfs->Delete = &Delete;
        if (VfsNative.Register(vfs, makeDefault: 1) != VfsNative.Ok)
        {
            throw new InvalidOperationException("SQLite did not take the faulty file system");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(VfsNative.Vfs* vfs, byte* name, VfsNative.File* file, int flags, int* outFlags)
    {
        var path = Text(name);
        if (path is not null && Disk is { IsDead: true })
        {
            file->Methods = null;
            return VfsNative.CanNotOpen;
        }

        var result = s_real->Open(s_real, name, file, flags, outFlags);
        if (result == VfsNative.Ok && path is not null)
        {
            var isLog = (flags & VfsNative.OpenCreate) != 0 && (flags & VfsNative.OpenLogs) != 0;
            s_files[(nint)file] = new Opened(path, file->Methods) { FlushesFolder = isLog };
            file->Methods = Ours(file->Methods);
        }

        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Delete(VfsNative.Vfs* vfs, byte* name, int syncDirectory) =>
        Disk!.Delete(Text(name)!, syncDirectory != 0) ? s_real->Delete(s_real, name, 0) : VfsNative.ErrorDelete;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(VfsNative.File* file)
    {
        s_files.TryRemove((nint)file, out var opened);
        return opened!.Real->Close(file);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(VfsNative.File* file, byte* buffer, int count, long at) =>
        Disk!.Read() ? Of(file).Real->Read(file, buffer, count, at) : VfsNative.ErrorRead;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(VfsNative.File* file, byte* data, int count, long at)
    {
        var size = SizeOf(file);
        var before = new byte[Math.Clamp(size - at, 0, count)];
        fixed (byte* place = before)
        {
            _ = before.Length == 0 ? 0 : Of(file).Real->Read(file, place, before.Length, at);
        }

        var change = new Change(at, before, new ReadOnlySpan<byte>(data, count).ToArray(), size, Math.Max(size, at + count));
        return Disk!.Write(Of(file).Path, change) switch
        {
            DiskAnswer.Done => Of(file).Real->Write(file, data, count, at),
            DiskAnswer.Full => VfsNative.Full,
            _ => VfsNative.ErrorWrite,
        };
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(VfsNative.File* file, long length)
    {
        var size = SizeOf(file);
        var before = new byte[Math.Max(0, size - length)];
        fixed (byte* place = before)
        {
            _ = before.Length == 0 ? 0 : Of(file).Real->Read(file, place, before.Length, length);
        }

        return Disk!.Write(Of(file).Path, new Change(length, before, [], size, length)) == DiskAnswer.Done
            ? Of(file).Real->Truncate(file, length)
            : VfsNative.ErrorTruncate;
    }

    // The lab's own book says what a flush keeps, so the machine's disk is spared. The first flush of a new log is one of its folder too.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(VfsNative.File* file, int flags)
    {
        var opened = Of(file);
        if (!Disk!.Sync(opened.Path, opened.FlushesFolder))
        {
            return VfsNative.ErrorSync;
        }

        opened.FlushesFolder = false;
        return VfsNative.Ok;
    }

    private static long SizeOf(VfsNative.File* file)
    {
        long size = 0;
        _ = Of(file).Real->Size(file, &size);
        return size;
    }

    private static Opened Of(VfsNative.File* file) => s_files[(nint)file];

    // SQLite has one table for the database, which is locked, and one for its log, which is not.
    private static VfsNative.Methods* Ours(VfsNative.Methods* real)
    {
        lock (s_ours)
        {
            if (s_ours.TryGetValue((nint)real, out var known))
            {
                return (VfsNative.Methods*)known;
            }

            var methods = (VfsNative.Methods*)NativeMemory.AllocZeroed((nuint)sizeof(VfsNative.Methods));
            *methods = *real;
            methods->Close = &Close;
            methods->Read = &Read;
            methods->Write = &Write;
            methods->Truncate = &Truncate;
            methods->Sync = &Sync;
            s_ours.Add((nint)real, (nint)methods);
            return methods;
        }
    }

    private static string? Text(byte* name) => name is null ? null : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));

    private sealed class Opened(string path, VfsNative.Methods* real)
    {
        public string Path => path;

        public VfsNative.Methods* Real => real;

        public bool FlushesFolder { get; set; }
    }
}
